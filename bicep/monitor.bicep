// What is going on: one workspace for every log, and the mails that are sent when work is lost or stands still.
param location string
param name string
param storageName string

@description('A mail is sent when a job has not ended after so many hours.')
param oldestJobHours int

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
    text: 'A job or question failed five times: `openmu status` names it with its reason, `openmu redrive` tries all of them again.'
    severity: 2
    window: 'PT15M'
    query: '''
      AppMetrics
      | where Name == 'openmu.jobs' and Properties.outcome == 'failed' and Sum > 0
    '''
  }
  {
    name: 'poison-grows'
    text: 'A message went to a poison queue: its job has failed, or named none. FailedJob notes it within a minute; `openmu status` says what is left.'
    severity: 2
    window: 'PT15M'
    query: '''
      StorageQueueLogs
      | where OperationName == 'PutMessage' and StatusCode < 300
      | where Uri has '/analysis-poison/messages' or Uri has '/questions-poison/messages'
    '''
  }
  {
    // The age is read from SQL with every sweep and grows until the job ends, whatever happens to messages and workers.
    // One row always: a sweep that is silent is as bad as an old job, and cannot be taken for a good end.
    name: 'work-stands-still'
    text: 'A job or question is older than oldestJobHours, or the sweep that looks is silent: `openmu status` names what is open. Is there GPU quota, does the worker start, does the function app run?'
    severity: 1
    window: 'PT30M'
    query: replace('''
      AppMetrics
      | where Name == 'openmu.queue.age'
      | summarize Oldest = max(Max), Seen = count()
      | where Seen == 0 or Oldest > {hours} * 3600
    ''', '{hours}', string(oldestJobHours))
  }
  {
    name: 'tracks-without-words'
    text: 'The model failed five times on a track that was measured well: `openmu status` counts them, the log says why; then `openmu redrive --without-words`.'
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
      | where Success == false and OperationName in ('Removals', 'SweepUploads', 'SweepRecent', 'FailedJob', 'QuestionSweep', 'DeliverWebhooks', 'PullUploads')
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

output peopleId string = people.id
output workspaceId string = workspace.id
output insightsName string = insights.name
output APPLICATIONINSIGHTS_CONNECTION_STRING string = insights.properties.ConnectionString
