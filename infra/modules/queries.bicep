// Questions that come up again, kept in the workspace under "BLAST artifacts".
param workspaceName string

var saved = [
  {
    name: 'artifact-hits'
    title: 'Share of reads served from artifacts'
    query: loadTextContent('../queries/artifact-hits.kql')
  }
  {
    name: 'build-throughput'
    title: 'Builds: number, bytes and rows a second'
    query: loadTextContent('../queries/build-throughput.kql')
  }
  {
    name: 'job-story'
    title: 'Everything that happened to one job'
    query: loadTextContent('../queries/job-story.kql')
  }
  {
    name: 'oldest-pending'
    title: 'Age of the oldest job without artifacts, and due work'
    query: loadTextContent('../queries/oldest-pending.kql')
  }
  {
    name: 'queue-age'
    title: 'How long messages waited'
    query: loadTextContent('../queries/queue-age.kql')
  }
  {
    name: 'refused'
    title: 'Requests that were answered with an error, by code'
    query: loadTextContent('../queries/refused.kql')
  }
]

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspaceName
}

resource query 'Microsoft.OperationalInsights/workspaces/savedSearches@2020-08-01' = [
  for one in saved: {
    parent: workspace
    name: 'blast-${one.name}'
    properties: {
      category: 'BLAST artifacts'
      displayName: one.title
      query: one.query
      version: 2
    }
  }
]
