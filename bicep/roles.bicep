// Every permission in the system. What is not here, nobody may do; who may use the database stands in infra/catalogue-users.sql.
import { identity } from 'identities.bicep'

param storageName string
param hostStorageName string
param registryName string
param insightsName string
param identityOfFunctions identity
param identityOfWorker identity
param identityOfWeb identity

@description('The Entra group that deploys; it brings the models.')
param adminGroupId string

@description('Principal of the topic that announces blobs.')
param topicPrincipalId string

var role = {
  blobOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' // Storage Blob Data Owner
  blobContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe' // Storage Blob Data Contributor: read, write, delete
  blobDelegator: 'db58b8e5-c6ad-4a2a-8342-4190687cbf4a' // Storage Blob Delegator: sign addresses with the identity's own rights
  blobReader: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1' // Storage Blob Data Reader
  queueContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88' // Storage Queue Data Contributor: read, write, delete messages, read the length
  queueSender: 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a' // Storage Queue Data Message Sender: add messages
  tableContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3' // Storage Table Data Contributor
  registryPull: '7f951dda-4ed3-4680-a7ca-43fe172d538d' // AcrPull
  metricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb' // Monitoring Metrics Publisher
}

func grant(roleId string, to identity) {
  roleDefinitionId: string
  principalId: string
  principalType: 'ServicePrincipal'
} => {
  roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)
  principalId: to.principalId
  principalType: 'ServicePrincipal'
}

resource storage 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: storageName

  resource blobs 'blobServices' existing = {
    name: 'default'

    resource tracks 'containers' existing = {
      name: 'tracks'
    }

    resource models 'containers' existing = {
      name: 'models'
    }
  }

  resource queueService 'queueServices' existing = {
    name: 'default'

    resource analysis 'queues' existing = {
      name: 'analysis'
    }

    resource poison 'queues' existing = {
      name: 'analysis-poison'
    }

    resource questions 'queues' existing = {
      name: 'questions'
    }

    resource questionsPoison 'queues' existing = {
      name: 'questions-poison'
    }

    resource removals 'queues' existing = {
      name: 'removals'
    }

    resource uploads 'queues' existing = {
      name: 'uploads'
    }
  }
}

resource hostStorage 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: hostStorageName
}

resource registry 'Microsoft.ContainerRegistry/registries@2025-04-01' existing = {
  name: registryName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

// ---- Functions ----

// Reads and lists uploads; the blob trigger takes leases and writes its own receipts, for which the host's documentation asks the owner's role.
resource functionsReadTracks 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage.id, identityOfFunctions.id, role.blobOwner)
  scope: storage
  properties: grant(role.blobOwner, identityOfFunctions)
}

// Sends jobs, takes from the poison queues and from the announcements of deletions; on the whole account because the blob trigger makes its own queues beside them.
resource functionsUseQueues 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage.id, identityOfFunctions.id, role.queueContributor)
  scope: storage
  properties: grant(role.queueContributor, identityOfFunctions)
}

// The host keeps its locks, keys and the deployed package in blobs,
resource hostBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(hostStorage.id, identityOfFunctions.id, role.blobOwner)
  scope: hostStorage
  properties: grant(role.blobOwner, identityOfFunctions)
}

// its blob trigger's work in queues,
resource hostQueues 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(hostStorage.id, identityOfFunctions.id, role.queueContributor)
  scope: hostStorage
  properties: grant(role.queueContributor, identityOfFunctions)
}

// and its diagnostic events in a table.
resource hostTables 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(hostStorage.id, identityOfFunctions.id, role.tableContributor)
  scope: hostStorage
  properties: grant(role.tableContributor, identityOfFunctions)
}

// Sends telemetry, since local authentication is off.
resource functionsSendTelemetry 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, identityOfFunctions.id, role.metricsPublisher)
  scope: insights
  properties: grant(role.metricsPublisher, identityOfFunctions)
}

// ---- Event Grid ----

// Announces deleted blobs; nobody has a key that it could use instead.
resource topicAnnounces 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage::queueService::removals.id, topicPrincipalId, role.queueSender)
  scope: storage::queueService::removals
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.queueSender)
    principalId: topicPrincipalId
    principalType: 'ServicePrincipal'
  }
}

// ---- Worker ----

// Reads the audio and never changes it.
resource workerReadTracks 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage::blobs::tracks.id, identityOfWorker.id, role.blobReader)
  scope: storage::blobs::tracks
  properties: grant(role.blobReader, identityOfWorker)
}

// Reads the model that it listens with.
resource workerReadModels 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage::blobs::models.id, identityOfWorker.id, role.blobReader)
  scope: storage::blobs::models
  properties: grant(role.blobReader, identityOfWorker)
}

// Receives, renews (a write) and deletes jobs; the scaler reads the queue's length under the same identity.
resource workerTakeJobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage::queueService::analysis.id, identityOfWorker.id, role.queueContributor)
  scope: storage::queueService::analysis
  properties: grant(role.queueContributor, identityOfWorker)
}

// Puts a job aside after its last try.
resource workerPoison 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage::queueService::poison.id, identityOfWorker.id, role.queueContributor)
  scope: storage::queueService::poison
  properties: grant(role.queueContributor, identityOfWorker)
}

// The same for questions.
resource workerTakeQuestions 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage::queueService::questions.id, identityOfWorker.id, role.queueContributor)
  scope: storage::queueService::questions
  properties: grant(role.queueContributor, identityOfWorker)
}

resource workerQuestionsPoison 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage::queueService::questionsPoison.id, identityOfWorker.id, role.queueContributor)
  scope: storage::queueService::questionsPoison
  properties: grant(role.queueContributor, identityOfWorker)
}

// Pulls its image.
resource workerPull 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, identityOfWorker.id, role.registryPull)
  scope: registry
  properties: grant(role.registryPull, identityOfWorker)
}

// Sends telemetry.
resource workerSendTelemetry 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, identityOfWorker.id, role.metricsPublisher)
  scope: insights
  properties: grant(role.metricsPublisher, identityOfWorker)
}

// ---- Web ----

// Stores uploads and plays them back.
resource webTracks 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage::blobs::tracks.id, identityOfWeb.id, role.blobContributor)
  scope: storage::blobs::tracks
  properties: grant(role.blobContributor, identityOfWeb)
}

// Hands out addresses to upload to, each for one blob and an hour: what they allow is what this identity may do.
resource webSigns 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage.id, identityOfWeb.id, role.blobDelegator)
  scope: storage
  properties: grant(role.blobDelegator, identityOfWeb)
}

// Sends questions to the workers.
resource webAsks 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage::queueService::questions.id, identityOfWeb.id, role.queueSender)
  scope: storage::queueService::questions
  properties: grant(role.queueSender, identityOfWeb)
}

// Says what it has stored, so that it is taken in also where no event comes.
resource webAnnounces 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage::queueService::uploads.id, identityOfWeb.id, role.queueSender)
  scope: storage::queueService::uploads
  properties: grant(role.queueSender, identityOfWeb)
}

// Pulls its image.
resource webPull 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, identityOfWeb.id, role.registryPull)
  scope: registry
  properties: grant(role.registryPull, identityOfWeb)
}

// Sends telemetry.
resource webSendTelemetry 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, identityOfWeb.id, role.metricsPublisher)
  scope: insights
  properties: grant(role.metricsPublisher, identityOfWeb)
}

// ---- People ----

// Whoever deploys brings the models; nobody else may write them.
resource adminsModels 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage::blobs::models.id, adminGroupId, role.blobContributor)
  scope: storage::blobs::models
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.blobContributor)
    principalId: adminGroupId
    principalType: 'Group'
  }
}
