// Where the music lies and the work waits: one account that only identities can open.
param location string
param name string

@description('Days for which a deleted or overwritten blob can be had back, and after which it is gone for good.')
@minValue(1)
@maxValue(365)
param softDeleteDays int = 14

@description('Addresses of the catalogue page, whose visitors upload straight into the container of tracks.')
param uploadOrigins string[] = []

@description('Only the private network and Azure\'s own services reach the account.')
param vnetEnabled bool = false

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: name
  location: location
  kind: 'StorageV2'
  sku: { name: 'Standard_ZRS' }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    // Event Grid, which writes to the queue of removals, is a trusted service of Azure.
    networkAcls: { defaultAction: vnetEnabled ? 'Deny' : 'Allow', bypass: 'AzureServices' }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2024-01-01' = {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: { enabled: true, days: softDeleteDays }
    containerDeleteRetentionPolicy: { enabled: true, days: softDeleteDays }
    cors: {
      corsRules: empty(uploadOrigins)
        ? []
        : [
            {
              allowedOrigins: uploadOrigins
              allowedMethods: ['PUT']
              allowedHeaders: ['content-type', 'if-none-match', 'x-ms-blob-type', 'x-ms-blob-content-type', 'x-ms-meta-*']
              exposedHeaders: ['x-ms-error-code']
              maxAgeInSeconds: 3600
            }
          ]
    }
  }
}

resource tracks 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' = {
  parent: blobs
  name: 'tracks'
  properties: { publicAccess: 'None' }
}

// What listens: a folder a model, with the list of its files' digests. infra/deploy.sh writes, the workers read.
resource models 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' = {
  parent: blobs
  name: 'models'
  properties: { publicAccess: 'None' }
}

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2024-01-01' = {
  parent: account
  name: 'default'
}

resource analysis 'Microsoft.Storage/storageAccounts/queueServices/queues@2024-01-01' = {
  parent: queueService
  name: 'analysis'
}

resource poison 'Microsoft.Storage/storageAccounts/queueServices/queues@2024-01-01' = {
  parent: queueService
  name: 'analysis-poison'
}

resource questions 'Microsoft.Storage/storageAccounts/queueServices/queues@2024-01-01' = {
  parent: queueService
  name: 'questions'
}

resource questionsPoison 'Microsoft.Storage/storageAccounts/queueServices/queues@2024-01-01' = {
  parent: queueService
  name: 'questions-poison'
}

resource removals 'Microsoft.Storage/storageAccounts/queueServices/queues@2024-01-01' = {
  parent: queueService
  name: 'removals'
}

resource uploads 'Microsoft.Storage/storageAccounts/queueServices/queues@2024-01-01' = {
  parent: queueService
  name: 'uploads'
}

// A track is read when it is analysed and seldom after that. Nothing here deletes a track.
resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2024-01-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        {
          name: 'old-tracks-to-cool'
          type: 'Lifecycle'
          definition: {
            filters: { blobTypes: ['blockBlob'], prefixMatch: ['tracks/'] }
            actions: { baseBlob: { tierToCool: { daysAfterModificationGreaterThan: 60 } } }
          }
        }
      ]
    }
  }
}

// Announces every new blob and every deleted one. Who is told stands in events.bicep, deployed after the code.
resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: '${name}-events'
  location: location
  identity: { type: 'SystemAssigned' }
  properties: {
    source: account.id
    topicType: 'Microsoft.Storage.StorageAccounts'
  }
}

output accountName string = account.name
output accountId string = account.id
output topicName string = topic.name
output topicPrincipalId string = topic.identity.principalId
output Storage__blobServiceUri string = account.properties.primaryEndpoints.blob
output Storage__queueServiceUri string = account.properties.primaryEndpoints.queue
