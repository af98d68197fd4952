// What is going on: one workspace for every log, and the mails that are sent when work is lost or stands still.
param location string
param name string
param storageName string

@description('Who is told when an alert fires.')
param alertEmail string

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: '${name}-logs'
  location: location
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: 30
    features: { enableLogAccessUsingOnlyResourcePermissions: true }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: '${name}-insights'
  location: location
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    // Telemetry comes from identities; the connection string alone opens nothing.
    DisableLocalAuth: true
  }
}

resource storage 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: storageName

  resource queueService 'queueServices' existing = {
    name: 'default'
  }
}

// Storage metrics count the messages of all queues together, once an hour; the log knows each queue and each message.
resource queueLog 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: storage::queueService
  properties: {
    workspaceId: workspace.id
    logs: [
      { category: 'StorageWrite', enabled: true }
      { category: 'StorageDelete', enabled: true }
    ]
  }
}

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: '${name}-people'
  location: 'global'
  properties: {
    enabled: true
    groupShortName: 'openmu'
    emailReceivers: [
      { name: 'operator', emailAddress: alertEmail, useCommonAlertSchema: true }
    ]
  }
}

var alerts = [
  {
    name: 'jobs-fail'
    text: 'A job or question failed five times and its message went to the poison queue: see its reason, then `openmu redrive`.'
    severity: 2
    window: 'PT15M'
    query: '''
      StorageQueueLogs
      | where OperationName == 'PutMessage' and StatusCode < 300
      | where Uri has '/analysis-poison/messages' or Uri has '/questions-poison/messages'
    '''
  }
  {
    // Without a delete after it, the message that was put is still there: so this alert is never wrong, though it stays
    // silent while a worker finishes other messages, however slowly.
    name: 'work-stands-still'
    text: 'The oldest waiting job is over an hour old and no worker has finished one since: is there GPU quota, does the worker start?'
    severity: 1
    window: 'PT6H'
    query: '''
      StorageQueueLogs
      | where Uri has '/analysis/messages' and StatusCode < 300
      | summarize
          LastPut = maxif(TimeGenerated, OperationName == 'PutMessage' and TimeGenerated < ago(1h)),
          LastDelete = maxif(TimeGenerated, OperationName == 'DeleteMessage')
      | where isnotnull(LastPut) and (isnull(LastDelete) or LastDelete < LastPut)
    '''
  }
  {
    name: 'questions-stand-still'
    text: 'The oldest waiting question is over an hour old and no worker has finished one since: is there GPU quota, does the worker start?'
    severity: 2
    window: 'PT6H'
    query: '''
      StorageQueueLogs
      | where Uri has '/questions/messages' and StatusCode < 300
      | summarize
          LastPut = maxif(TimeGenerated, OperationName == 'PutMessage' and TimeGenerated < ago(1h)),
          LastDelete = maxif(TimeGenerated, OperationName == 'DeleteMessage')
      | where isnotnull(LastPut) and (isnull(LastDelete) or LastDelete < LastPut)
    '''
  }
  {
    name: 'tracks-without-words'
    text: 'The model failed five times on a track that was measured well: see why, then `openmu redrive --without-words`.'
    severity: 3
    window: 'PT15M'
    query: '''
      AppMetrics
      | where Name == 'openmu.tracks.without_words' and Sum > 0
    '''
  }
  {
    name: 'worker-breaks'
    text: 'A worker ended because its GPU failed or a job could not be ended. It starts again and no track loses a try, but look when it repeats.'
    severity: 2
    window: 'PT15M'
    query: '''
      AppTraces
      | where SeverityLevel == 4 and Message startswith 'Only a new process helps'
    '''
  }
  {
    name: 'machine-unwell'
    text: 'A worker takes no work because its machine is unwell: no decoder, a full disk, storage or database away. It goes on by itself.'
    severity: 2
    window: 'PT15M'
    query: '''
      AppTraces
      | where SeverityLevel == 3 and Message has 'no work is taken until'
    '''
  }
  {
    name: 'functions-fail'
    text: 'The functions that take in uploads or note failed jobs throw. The sweep repeats what they missed, but look.'
    severity: 2
    window: 'PT15M'
    query: '''
      AppRequests
      | where Success == false and OperationName in ('Removals', 'SweepUploads', 'SweepRecent', 'FailedJob')
      | union (AppTraces | where SeverityLevel >= 3 and Message has 'could not be ingested')
      | union (AppExceptions | where OuterMessage has 'could not be ingested')
    '''
  }
]

resource alertRules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in alerts: {
    name: '${name}-${alert.name}'
    location: location
    kind: 'LogAlert'
    properties: {
      description: alert.text
      severity: alert.severity
      enabled: true
      scopes: [workspace.id]
      evaluationFrequency: 'PT15M'
      windowSize: alert.window
      // The tables appear with their first rows, which come after this rule.
      skipQueryValidation: true
      autoMitigate: true
      criteria: {
        allOf: [
          {
            query: alert.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: [people.id] }
    }
  }
]

output workspaceId string = workspace.id
output insightsName string = insights.name
output APPLICATIONINSIGHTS_CONNECTION_STRING string = insights.properties.ConnectionString
