// The parts list of OpenMU for Azure. No keys anywhere: every program has an identity, every permission stands in roles.bicep.
// Deployed by infra/deploy.sh in two passes, because the images need the registry: first without images, then with them.
import { entraSignIn } from 'web.bicep'
import { workerModel, workerProfile, workerSchedule } from 'worker.bicep'

@description('Begins the name of every resource: lower-case letters and digits.')
@minLength(3)
@maxLength(11)
param name string = 'openmu'
param location string = resourceGroup().location

@description('The Entra group that owns the database server.')
param adminGroup { name: string, objectId: string }

@description('Who is told when jobs fail or work stands still.')
param alertEmail string

@description('Address ranges (CIDR) that may open the catalogue page.')
param allowedRanges string[]

@description('Machine of the worker; the GPUs need quota in the region.')
param profile workerProfile = 'Consumption'

@description('The model in the container of models; no name where tracks are only measured.')
param model workerModel

@description('What `openmu inspect` calls that model\'s version.')
param modelVersion string

@description('Minutes that a track may wait for a worker, beside the start of one.')
param trackMinutes int = 60

@description('Minutes that a question may wait for a worker, beside the start of one.')
param questionMinutes int = 2

@description('Tracks, and questions, that have a message at a time; all tenants that have work share them.')
@minValue(1)
param queueWindow int = 1024

@description('When workers are kept ready although nothing waits.')
param awake workerSchedule?

@description('How people sign in; none where the address ranges are enough.')
param signIn entraSignIn?

@description('Applications that bring tokens of that registration: ID=TENANT:Read+Submit, with semicolons between them.')
param applications string = ''

@description('Tenants that ask on storage queues of their own, with commas between them.')
param partners string = ''

@description('What a new model finds stands beside what is known until somebody publishes it.')
param holdNewAnalyses bool = false

@description('Puts storage, database and registry into a private network, and brings a share for large models.')
param vnetEnabled bool = false

@description('Days for which a deleted or overwritten file can be had back.')
param softDeleteDays int = 14

@description('Days for which a track is kept whose file was deleted, with all that is known about it.')
param keepMissingDays int = 30

@description('Most workers at a time.')
@minValue(1)
param maxWorkers int = 4

@description('A mail is sent when a job or question has not ended after so many hours.')
@minValue(1)
param oldestJobHours int = 6

@description('A mail is sent when the stored music takes more.')
@minValue(1)
param storageLimitGiB int = 5120

@description('What this resource group may cost a month, in the currency of the subscription; mails are sent at 80 % and when more is foreseen.')
@minValue(1)
param monthlyBudget int = 500

@description('From when on the budget counts: the first day of a month.')
param budgetFrom string = utcNow('yyyy-MM-01')

@description('Repository and tag inside the registry; empty in the first pass.')
param workerImage string = ''
param webImage string = ''

@description('The output WEB_ORIGIN of the first pass: from where visitors upload into the container of tracks.')
param webOrigin string = ''

// Names that must be unique in the world get thirteen letters of their own.
var unique = '${toLower(name)}${uniqueString(resourceGroup().id)}'

// Where the programs are, if they have a network of their own.
module subnets 'subnets.bicep' = if (vnetEnabled) {
  params: { location: location, name: name }
}

// Who the programs are.
module identities 'identities.bicep' = {
  params: { location: location, name: name }
}

// Where the music lies and the work waits.
module storage 'storage.bicep' = {
  params: {
    location: location
    name: unique
    softDeleteDays: softDeleteDays
    uploadOrigins: empty(webOrigin) ? [] : [webOrigin]
    vnetEnabled: vnetEnabled
  }
}

// What is known about every track.
module catalogue 'catalogue.bicep' = {
  params: { location: location, name: unique, adminGroup: adminGroup, vnetEnabled: vnetEnabled }
}

// Logs, and the mails when work is lost or stands still.
module monitor 'monitor.bicep' = {
  params: {
    location: location
    name: name
    storageName: storage.outputs.accountName
    alertEmail: alertEmail
    oldestJobHours: oldestJobHours
  }
}

// Mails about what the platform counts: dropped events, restarts, limits, money.
module limits 'limits.bicep' = {
  params: {
    location: location
    name: name
    storageName: storage.outputs.accountName
    topicName: storage.outputs.topicName
    sqlServerName: catalogue.outputs.serverName
    databaseName: catalogue.outputs.databaseName
    workerName: worker.?outputs.appName ?? ''
    peopleId: monitor.outputs.peopleId
    alertEmail: alertEmail
    storageLimitGiB: storageLimitGiB
    monthlyBudget: monthlyBudget
    budgetFrom: budgetFrom
  }
}

// The front of the batch: takes in uploads, notes failed jobs.
module functions 'functions.bicep' = {
  params: {
    location: location
    name: unique
    hostStorageName: '${take(unique, 20)}host'
    identityOfFunctions: identities.outputs.functions
    settings: union(settings, {
      Ingest__ModelVersion: modelVersion
      Ingest__KeepMissing: '${keepMissingDays}.00:00:00'
      Ingest__HoldNewAnalyses: string(holdNewAnalyses)
      Ingest__Partners: partners
    })
    subnetId: subnets.?outputs.functionsSubnet ?? ''
  }
}

// Registry and environment of the containers.
module containers 'containers.bicep' = {
  params: {
    location: location
    name: name
    registryName: unique
    workspaceId: monitor.outputs.workspaceId
    profile: profile
    subnetId: subnets.?outputs.containersSubnet ?? ''
  }
}

// What is reached in that network only.
module network 'network.bicep' = if (vnetEnabled) {
  params: {
    location: location
    name: name
    storageId: storage.outputs.accountId
    hostStorageId: functions.outputs.hostStorageId
    registryId: containers.outputs.registryId
    sqlServerId: catalogue.outputs.serverId
  }
}

// Large models, fetched once for all workers.
module modelsShare 'models-share.bicep' = if (vnetEnabled) {
  params: {
    location: location
    name: '${take(unique, 18)}models'
    networkName: '${name}-network'
    environmentName: containers.outputs.environmentName
  }
}

// Who may do what.
module roles 'roles.bicep' = {
  params: {
    storageName: storage.outputs.accountName
    hostStorageName: functions.outputs.hostStorageName
    registryName: containers.outputs.registryName
    insightsName: monitor.outputs.insightsName
    identityOfFunctions: identities.outputs.functions
    identityOfWorker: identities.outputs.worker
    identityOfWeb: identities.outputs.web
    adminGroupId: adminGroup.objectId
    topicPrincipalId: storage.outputs.topicPrincipalId
  }
}

// The back of the batch: listens to every track.
module worker 'worker.bicep' = if (!empty(workerImage)) {
  params: {
    location: location
    name: name
    environmentId: containers.outputs.environmentId
    registryHost: containers.outputs.registryHost
    image: '${containers.outputs.registryHost}/${workerImage}'
    identityOfWorker: identities.outputs.worker
    settings: settings
    model: model
    modelShare: modelsShare.?outputs.storageName ?? ''
    trackMinutes: trackMinutes
    questionMinutes: questionMinutes
    queueWindow: queueWindow
    awake: awake
    storageName: storage.outputs.accountName
    profile: profile
    maxReplicas: maxWorkers
  }
  dependsOn: [roles]
}

// The catalogue page and the partners' API.
module web 'web.bicep' = if (!empty(webImage)) {
  params: {
    location: location
    name: name
    environmentName: containers.outputs.environmentName
    registryHost: containers.outputs.registryHost
    image: '${containers.outputs.registryHost}/${webImage}'
    identityOfWeb: identities.outputs.web
    settings: settings
    allowedRanges: allowedRanges
    signIn: signIn
    applications: applications
  }
  dependsOn: [roles]
}

// What every program is told, by the names of the environment variables.
var settings = {
  Storage__blobServiceUri: storage.outputs.Storage__blobServiceUri
  Storage__queueServiceUri: storage.outputs.Storage__queueServiceUri
  Catalogue__Provider: catalogue.outputs.Catalogue__Provider
  Catalogue__ConnectionString: catalogue.outputs.Catalogue__ConnectionString
  APPLICATIONINSIGHTS_CONNECTION_STRING: monitor.outputs.APPLICATIONINSIGHTS_CONNECTION_STRING
  Queues__window: string(queueWindow)
}

// Variables of infra/deploy.sh.
output STORAGE_ACCOUNT string = storage.outputs.accountName
output REGISTRY string = containers.outputs.registryName
output FUNCTION_APP string = functions.outputs.appName
output EVENT_TOPIC string = storage.outputs.topicName
output SQL_SERVER string = catalogue.outputs.serverName
output SQL_HOST string = catalogue.outputs.serverHost
output SQL_DATABASE string = catalogue.outputs.databaseName
output FUNCTIONS_USER string = identities.outputs.functions.name
output FUNCTIONS_CLIENT_ID string = identities.outputs.functions.clientId
output WORKER_USER string = identities.outputs.worker.name
output WORKER_CLIENT_ID string = identities.outputs.worker.clientId
output WEB_USER string = identities.outputs.web.name
output WEB_CLIENT_ID string = identities.outputs.web.clientId
output WEB_ORIGIN string = 'https://${name}-web.${containers.outputs.environmentDomain}'
output WEB_URL string = web.?outputs.WEB_URL ?? ''
