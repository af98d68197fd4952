// Mails about what the platform itself counts: events that were dropped, workers that start again and again, storage and
// database near their limits, and money.
param location string
param name string
param storageName string
param topicName string
param sqlServerName string
param databaseName string

@description('Worker that is watched; empty before there is one.')
param workerName string

@description('Who is told: an action group.')
param peopleId string

@description('Where mails about money go.')
param alertEmail string

@description('A mail is sent when the stored music takes more.')
param storageLimitGiB int

@description('What this resource group may cost a month, in the currency of the subscription.')
param monthlyBudget int

@description('First day of a month.')
param budgetFrom string

resource storage 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: storageName
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

resource server 'Microsoft.Sql/servers@2023-08-01' existing = {
  name: sqlServerName

  resource database 'databases' existing = {
    name: databaseName
  }
}

resource worker 'Microsoft.App/containerApps@2025-01-01' existing = {
  name: empty(workerName) ? 'none' : workerName
}

var always = [
  {
    name: 'events-dropped'
    text: 'Event Grid gave up on announcing blobs after a day. The daily sweep takes them in; see why the function app did not answer.'
    severity: 2
    scope: topic.id
    metricNamespace: 'Microsoft.EventGrid/systemTopics'
    metric: 'DroppedEventCount'
    aggregation: 'Total'
    threshold: 0
    frequency: 'PT15M'
    window: 'PT1H'
  }
  {
    name: 'storage-large'
    text: 'The stored music takes more than was planned for: see whether it belongs there, or raise storageLimitGiB.'
    severity: 3
    scope: storage.id
    metricNamespace: 'Microsoft.Storage/storageAccounts'
    metric: 'UsedCapacity'
    aggregation: 'Average'
    threshold: storageLimitGiB * 1073741824
    frequency: 'PT1H'
    window: 'PT6H'
  }
  {
    name: 'database-full'
    text: 'The catalogue takes more than 80 % of its largest size: raise maxSizeGiB of catalogue.bicep before nothing can be written.'
    severity: 1
    scope: server::database.id
    metricNamespace: 'Microsoft.Sql/servers/databases'
    metric: 'storage_percent'
    aggregation: 'Maximum'
    threshold: 80
    frequency: 'PT15M'
    window: 'PT1H'
  }
  {
    name: 'database-busy'
    text: 'The catalogue has used more than 90 % of its processors for an hour: pages are slow; raise its capacity or see who asks.'
    severity: 2
    scope: server::database.id
    metricNamespace: 'Microsoft.Sql/servers/databases'
    metric: 'cpu_percent'
    aggregation: 'Average'
    threshold: 90
    frequency: 'PT15M'
    window: 'PT1H'
  }
]

var ofWorker = [
  {
    name: 'worker-restarts'
    text: 'The worker has started again more than three times in an hour: see its last lines in the log, and `openmu status`.'
    severity: 2
    scope: worker.id
    metricNamespace: 'Microsoft.App/containerApps'
    metric: 'RestartCount'
    aggregation: 'Maximum'
    threshold: 3
    frequency: 'PT15M'
    window: 'PT1H'
  }
]

resource alerts 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for alert in concat(always, empty(workerName) ? [] : ofWorker): {
    name: '${name}-${alert.name}'
    location: 'global'
    properties: {
      description: alert.text
      severity: alert.severity
      enabled: true
      scopes: [alert.scope]
      targetResourceType: alert.metricNamespace
      targetResourceRegion: location
      evaluationFrequency: alert.frequency
      windowSize: alert.window
      autoMitigate: true
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: 'limit'
            metricNamespace: alert.metricNamespace
            metricName: alert.metric
            operator: 'GreaterThan'
            threshold: alert.threshold
            timeAggregation: alert.aggregation
          }
        ]
      }
      actions: [{ actionGroupId: peopleId }]
    }
  }
]

// Nothing is switched off when the money is spent: somebody must decide that.
resource budget 'Microsoft.Consumption/budgets@2023-11-01' = {
  name: '${name}-monthly'
  properties: {
    category: 'Cost'
    amount: monthlyBudget
    timeGrain: 'Monthly'
    timePeriod: { startDate: budgetFrom }
    notifications: {
      most: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 80
        thresholdType: 'Actual'
        contactEmails: [alertEmail]
      }
      foreseen: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 100
        thresholdType: 'Forecasted'
        contactEmails: [alertEmail]
      }
    }
  }
}
