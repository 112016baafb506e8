// The results page. It is not linked to the app: the browser calls the app itself, with a token.
param name string
param location string
param tags object

resource page 'Microsoft.Web/staticSites@2023-12-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'web' })
  sku: {
    name: 'Free'
    tier: 'Free'
  }
  properties: {}
}

output origin string = 'https://${page.properties.defaultHostname}'
