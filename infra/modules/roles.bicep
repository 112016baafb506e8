// Who may do what: each grant alone, with its reason. Event Grid's own two stand beside its topic in events.bicep,
// the one on the cluster in cluster-role.bicep.
param storageName string
param componentName string
param appPrincipalId string
param pipelinePrincipalId string
param operatorPrincipalId string
param operatorPrincipalType string
param submitQueue string
param eventsQueue string
param resultsContainer string
param queriesContainer string

var blobDataOwner = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b')
var blobDataContributor = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'ba92f5b4-2d11-453d-a403-e96b0029c9fe')
var blobDataReader = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1')
var queueDataContributor = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '974c5e8b-45b9-4653-ba55-5f855dd0fb88')
var queueMessageSender = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a')
var tableDataContributor = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3')
var metricsPublisher = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '3913510d-42f4-4e42-8a64-420c390055eb')

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageName

  resource blobs 'blobServices' existing = {
    name: 'default'

    resource results 'containers' existing = {
      name: resultsContainer
    }

    resource queries 'containers' existing = {
      name: queriesContainer
    }
  }

  resource queueService 'queueServices' existing = {
    name: 'default'

    resource submits 'queues' existing = {
      name: submitQueue
    }

    resource events 'queues' existing = {
      name: eventsQueue
    }
  }
}

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: componentName
}

// The app: reads results and queries, writes and purges artifacts, signs download links with a user-delegation key.
// Owner rather than Contributor because the Functions host keeps its locks by blob lease in this account.
resource appBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, appPrincipalId, blobDataOwner)
  scope: account
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: blobDataOwner
  }
}

// The app: sends to its queues; the host receives, renews, deletes, and moves to the poison queues. Message
// Processor would not do: it may not put off a message that is still being worked on.
resource appQueues 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, appPrincipalId, queueDataContributor)
  scope: account
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: queueDataContributor
  }
}

// The app: job rows, indexes, artifact rows, due work.
resource appTables 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, appPrincipalId, tableDataContributor)
  scope: account
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: tableDataContributor
  }
}

// The app: telemetry, for local authentication is off there too.
resource appTelemetry 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(component.id, appPrincipalId, metricsPublisher)
  scope: component
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: metricsPublisher
  }
}

// The pipeline: takes searches off this queue, and keeps their messages hidden while it runs them.
resource pipelineSearches 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(pipelinePrincipalId)) {
  name: guid(account::queueService::submits.id, pipelinePrincipalId, queueDataContributor)
  scope: account::queueService::submits
  properties: {
    principalId: pipelinePrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: queueDataContributor
  }
}

// The pipeline: tells of steps, logs and ends, and can read nothing of what others tell.
resource pipelineEvents 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(pipelinePrincipalId)) {
  name: guid(account::queueService::events.id, pipelinePrincipalId, queueMessageSender)
  scope: account::queueService::events
  properties: {
    principalId: pipelinePrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: queueMessageSender
  }
}

// The pipeline: reads the queries that it is to search.
resource pipelineQueries 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(pipelinePrincipalId)) {
  name: guid(account::blobs::queries.id, pipelinePrincipalId, blobDataReader)
  scope: account::blobs::queries
  properties: {
    principalId: pipelinePrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: blobDataReader
  }
}

// The pipeline: writes results and logs, and writes a batch again that was cut off.
resource pipelineResults 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(pipelinePrincipalId)) {
  name: guid(account::blobs::results.id, pipelinePrincipalId, blobDataContributor)
  scope: account::blobs::results
  properties: {
    principalId: pipelinePrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: blobDataContributor
  }
}

// The operator: `inspect`, `adopt`, `rebuild` and `purge` read and write rows.
resource operatorTables 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorPrincipalId)) {
  name: guid(account.id, operatorPrincipalId, tableDataContributor)
  scope: account
  properties: {
    principalId: operatorPrincipalId
    principalType: operatorPrincipalType
    roleDefinitionId: tableDataContributor
  }
}

// The operator: `inspect` lists blobs, `adopt` reads markers, `purge` deletes what a job left.
resource operatorBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorPrincipalId)) {
  name: guid(account.id, operatorPrincipalId, blobDataContributor)
  scope: account
  properties: {
    principalId: operatorPrincipalId
    principalType: operatorPrincipalType
    roleDefinitionId: blobDataContributor
  }
}

// The operator: `adopt` and `rebuild` send messages; the runbook looks into queues and empties the poison ones.
resource operatorQueues 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorPrincipalId)) {
  name: guid(account.id, operatorPrincipalId, queueDataContributor)
  scope: account
  properties: {
    principalId: operatorPrincipalId
    principalType: operatorPrincipalType
    roleDefinitionId: queueDataContributor
  }
}
