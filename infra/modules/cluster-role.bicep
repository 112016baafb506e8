// The one grant outside of the resource group.
param clusterName string
param appPrincipalId string

var reader = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'acdd72a7-3385-48ef-bd42-f606fba81ae7')

resource cluster 'Microsoft.ContainerService/managedClusters@2024-02-01' existing = {
  name: clusterName
}

// The app: asks before it takes a job in whether the cluster runs and has room. It sees the cluster, not what is in it.
resource appReadsCluster 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(cluster.id, appPrincipalId, reader)
  scope: cluster
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: reader
  }
}
