// Everything that the app needs in one resource group, without a single key: `azd up` deploys it.
targetScope = 'subscription'

@description('Name of the azd environment.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('Region of everything but the page. Flex Consumption is not offered in every region.')
@minLength(1)
param location string

@description('Client id of the app registration that callers get their tokens for; the hook of azd makes one.')
@minLength(36)
param authClientId string

@description('Client ids of further applications that may call, with commas between; the registration itself always may.')
param callerApplications string = ''

@description('Owner, as tenant.object, of results that nobody submitted here; empty: none are adopted by events.')
param defaultOwner string = ''

@description('Principal id of the pipeline that runs the searches; empty where its roles are granted elsewhere.')
param pipelinePrincipalId string = ''

@description('Principal id of whoever operates the app from the command line; azd gives that of the one who deploys.')
param operatorPrincipalId string = ''

@allowed([
  'User'
  'Group'
  'ServicePrincipal'
])
param operatorPrincipalType string = 'User'

@description('Resource id of the AKS cluster that runs the searches; with one, submit asks first whether it has room.')
param clusterResourceId string = ''

@description('HTTP instances that are always warm; 0: the first read after a quiet time waits for a cold start.')
@minValue(0)
param alwaysReadyHttpInstances int = 0

@description('HTTP requests that one instance takes at once; also the number of its threads. host.json bounds it.')
@minValue(1)
@maxValue(32)
param httpConcurrency int = 16

@description('The most instances that each group of functions may scale to.')
@minValue(1)
@maxValue(1000)
param maximumInstances int = 40

@description('Redundancy of the storage account.')
@allowed([
  'Standard_LRS'
  'Standard_ZRS'
  'Standard_GRS'
  'Standard_GZRS'
])
param storageRedundancy string = 'Standard_LRS'

@description('Days after which artifacts and results move to the cool tier. Nothing is ever deleted by age.')
@minValue(1)
param coolAfterDays int = 60

@description('Days for which deleted blobs and containers can be brought back.')
@minValue(1)
@maxValue(365)
param softDeleteDays int = 7

@description('Whether to make a Static Web App for the results page, and let it call.')
param deployPage bool = false

@description('Region of the page; Static Web Apps are offered in few.')
param pageLocation string = 'westeurope'

@description('Who gets mail when an alert fires; empty: alerts are seen in the portal only.')
param alertEmail string = ''

@description('App settings that differ from the values below, by name.')
param settingOverrides object = {}

var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = { 'azd-env-name': environmentName }

// The host's id is the name's first 32 characters: longer names could share the timer's lock with another app.
var appName = take('func-blast-${token}', 32)

// The app's own settings at their defaults; made from shared/settings.py by: python3 -m local generate
var defaultSettings = {
  // begin settings
  BLAST_STORAGE_CONNECTION: 'AzureWebJobsStorage'
  JOB_STATE_TABLE: 'jobstate'
  JOB_INDEX_TABLE: 'jobindex'
  JOB_ARTIFACT_TABLE: 'jobartifactstate'
  ARTIFACTS_CONTAINER: 'job-artifacts'
  PAYLOADS_CONTAINER: 'job-payloads'
  RESULTS_CONTAINER: 'results'
  QUERIES_CONTAINER: 'queries'
  SUBMIT_QUEUE: 'blast-submit'
  EVENTS_QUEUE: 'blast-events'
  ARTIFACTS_QUEUE: 'blast-artifacts'
  AUTH_MODE: 'easyauth'
  DEFAULT_OWNER: ''
  TAXONOMY_FILE: ''
  MAX_BODY_BYTES: '20971520'
  MAX_FASTA_BYTES: '16777216'
  MAX_FASTA_RECORDS: '100000'
  MAX_FASTA_LETTERS: '50000000'
  BLAST_SUBMIT_SYNC_CAPACITY_CHECK: 'false'
  BLAST_AKS_RESOURCE_ID: ''
  BLAST_ARM_ENDPOINT: 'https://management.azure.com'
  LEASE_SECONDS: '60'
  RENEWAL_SECONDS: '20'
  BACKFILL_SCHEDULE: '0 * * * * *'
  MAX_ATTEMPTS: '5'
  RETRY_BASE_SECONDS: '60'
  RETRY_CAP_SECONDS: '3600'
  SUBMIT_RESUME_SECONDS: '60'
  CANCEL_TIMEOUT: '900'
  DELETED_PURGE_SECONDS: '7200'
  LIVE_STORED_BYTES: '8388608'
  LIVE_INFLATED_BYTES: '67108864'
  LIVE_SECONDS: '5'
  SUPERSEDED_PURGE_SECONDS: '86400'
  TOP_SUBJECTS: '50'
  BEST_HITS: '100'
  MANIFEST_PAGE: '500'
  PART_CACHE_BYTES: '398458880'
  PART_BYTES: '134217728'
  PART_FILES: '200'
  BUILD_DEADLINE_SECONDS: '480'
  EXPORT_AT_ONCE_BYTES: '16777216'
  EXPORT_AT_ONCE_SECONDS: '5'
  EXPORT_KEEP_SECONDS: '86400'
  EXPORTS_PER_JOB: '20'
  THROUGH_FUNCTION_BYTES: '33554432'
  // end settings
}
var settings = union(
  defaultSettings,
  {
    DEFAULT_OWNER: defaultOwner
    BLAST_AKS_RESOURCE_ID: clusterResourceId
    BLAST_SUBMIT_SYNC_CAPACITY_CHECK: empty(clusterResourceId) ? 'false' : 'true'
  },
  settingOverrides
)

var packageContainer = 'app-package'
var deadLetterContainer = 'event-dead-letters'

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  name: 'identity'
  scope: group
  params: {
    name: 'id-blast-${token}'
    location: location
    tags: tags
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    name: 'stblast${token}'
    location: location
    tags: tags
    redundancy: storageRedundancy
    tables: [
      settings.JOB_STATE_TABLE
      settings.JOB_INDEX_TABLE
      settings.JOB_ARTIFACT_TABLE
    ]
    containers: [
      settings.ARTIFACTS_CONTAINER
      settings.PAYLOADS_CONTAINER
      settings.RESULTS_CONTAINER
      settings.QUERIES_CONTAINER
      packageContainer
      deadLetterContainer
    ]
    queues: [
      settings.SUBMIT_QUEUE
      settings.EVENTS_QUEUE
      '${settings.EVENTS_QUEUE}-poison'
      settings.ARTIFACTS_QUEUE
      '${settings.ARTIFACTS_QUEUE}-poison'
    ]
    cooledContainers: [
      settings.ARTIFACTS_CONTAINER
      settings.RESULTS_CONTAINER
    ]
    coolAfterDays: coolAfterDays
    softDeleteDays: softDeleteDays
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    workspaceName: 'log-blast-${token}'
    componentName: 'appi-blast-${token}'
    location: location
    tags: tags
  }
}

module roles 'modules/roles.bicep' = {
  name: 'roles'
  scope: group
  params: {
    storageName: storage.outputs.name
    componentName: monitoring.outputs.componentName
    appPrincipalId: identity.outputs.principalId
    pipelinePrincipalId: pipelinePrincipalId
    operatorPrincipalId: operatorPrincipalId
    operatorPrincipalType: operatorPrincipalType
    submitQueue: settings.SUBMIT_QUEUE
    eventsQueue: settings.EVENTS_QUEUE
    resultsContainer: settings.RESULTS_CONTAINER
    queriesContainer: settings.QUERIES_CONTAINER
  }
}

// Without a cluster the parts stand for one that is not there; the module is then left out.
var clusterParts = split(
  empty(clusterResourceId)
    ? '/subscriptions/${subscription().subscriptionId}/resourceGroups/${group.name}/none/none/none/none'
    : clusterResourceId,
  '/'
)

module clusterRole 'modules/cluster-role.bicep' = if (!empty(clusterResourceId)) {
  name: 'cluster-role'
  scope: resourceGroup(clusterParts[2], clusterParts[4])
  params: {
    clusterName: last(clusterParts)
    appPrincipalId: identity.outputs.principalId
  }
}

module page 'modules/web.bicep' = if (deployPage) {
  name: 'web'
  scope: group
  params: {
    name: 'stapp-blast-${token}'
    location: pageLocation
    tags: tags
  }
}

module app 'modules/app.bicep' = {
  name: 'app'
  scope: group
  params: {
    name: appName
    planName: 'plan-blast-${token}'
    location: location
    tags: tags
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    storageName: storage.outputs.name
    packageContainer: packageContainer
    componentName: monitoring.outputs.componentName
    settings: settings
    authClientId: authClientId
    callerApplications: filter(split(callerApplications, ','), client => !empty(client))
    allowedOrigins: deployPage ? [page.outputs.origin] : []
    alwaysReadyHttpInstances: alwaysReadyHttpInstances
    httpConcurrency: httpConcurrency
    maximumInstances: maximumInstances
  }
  // Roles take minutes to bite: an app that starts before them meets 403 on its own storage.
  dependsOn: [
    roles
  ]
}

module events 'modules/events.bicep' = {
  name: 'events'
  scope: group
  params: {
    topicName: 'evgt-blast-${token}'
    location: location
    tags: tags
    storageName: storage.outputs.name
    resultsContainer: settings.RESULTS_CONTAINER
    eventsQueue: settings.EVENTS_QUEUE
    deadLetterContainer: deadLetterContainer
  }
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  scope: group
  params: {
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    topicId: events.outputs.topicId
    email: alertEmail
  }
}

module queries 'modules/queries.bicep' = {
  name: 'queries'
  scope: group
  params: {
    workspaceName: monitoring.outputs.workspaceName
  }
}

output AZURE_RESOURCE_GROUP string = group.name
output AZURE_TENANT_ID string = tenant().tenantId
output STORAGE_ACCOUNT string = storage.outputs.name
output FUNCTION_APP string = app.outputs.name
output FUNCTION_APP_URL string = app.outputs.url
output LOG_WORKSPACE_ID string = monitoring.outputs.workspaceCustomerId
output PAGE_URL string = deployPage ? page.outputs.origin : ''
