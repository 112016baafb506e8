// What somebody must be told of. docs/runbook.md says of each alert what it means and what to do.
param location string
param tags object
param workspaceId string
param topicId string
param email string

// Each counts the rows of its query in windows of five minutes; `periods` windows in a row make it fire.
var rules = [
  {
    name: 'poisoned-message'
    description: 'A message failed five times.'
    severity: 2
    query: loadTextContent('../alerts/poisoned-message.kql')
    operator: 'GreaterThan'
    threshold: 0
    periods: 1
  }
  {
    name: 'no-timer'
    description: 'The repairing timer has not run for two periods of five minutes.'
    severity: 1
    query: loadTextContent('../alerts/no-timer.kql')
    operator: 'LessThan'
    threshold: 1
    periods: 2
  }
  {
    name: 'failed-artifacts'
    description: 'The artifacts of a run have failed for good.'
    severity: 2
    query: loadTextContent('../alerts/failed-artifacts.kql')
    operator: 'GreaterThan'
    threshold: 0
    periods: 1
  }
  {
    name: 'waiting-too-long'
    description: 'A job has ended more than half an hour ago and has no artifacts yet.'
    severity: 2
    query: loadTextContent('../alerts/waiting-too-long.kql')
    operator: 'GreaterThan'
    threshold: 0
    periods: 1
  }
  {
    name: 'server-errors'
    description: 'More than one request in twenty is answered with 5xx.'
    severity: 1
    query: loadTextContent('../alerts/server-errors.kql')
    operator: 'GreaterThan'
    threshold: 0
    periods: 1
  }
]

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(email)) {
  name: 'ag-blast'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'blast'
    enabled: true
    emailReceivers: [
      {
        name: 'operator'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

resource rule 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for one in rules: {
    name: one.name
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: one.name
      description: one.description
      severity: one.severity
      enabled: true
      scopes: [
        workspaceId
      ]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT5M'
      skipQueryValidation: true
      autoMitigate: true
      criteria: {
        allOf: [
          {
            query: one.query
            timeAggregation: 'Count'
            operator: one.operator
            threshold: one.threshold
            failingPeriods: {
              numberOfEvaluationPeriods: one.periods
              minFailingPeriodsToAlert: one.periods
            }
          }
        ]
      }
      actions: {
        actionGroups: empty(email) ? [] : [people.id]
      }
    }
  }
]

resource undelivered 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'undelivered-events'
  location: 'global'
  tags: tags
  properties: {
    description: 'Event Grid gave up an event and left it in the dead-letter container.'
    severity: 2
    enabled: true
    scopes: [
      topicId
    ]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'dead-lettered'
          criterionType: 'StaticThresholdCriterion'
          metricNamespace: 'Microsoft.EventGrid/systemTopics'
          metricName: 'DeadLetteredCount'
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          threshold: 0
        }
      ]
    }
    actions: empty(email)
      ? []
      : [
          {
            actionGroupId: people.id
          }
        ]
  }
}
