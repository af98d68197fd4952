// The back of the batch: a container without an address, started by waiting messages and gone when there are none.
import { identity } from 'identities.bicep'

param location string
param name string
param environmentId string
param registryHost string
param image string
param identityOfWorker identity

@description('What every program is told, by the names of the environment variables.')
param settings object
param storageName string

@description('Machine to run on; the GPUs need quota in the region.')
param profile workerProfile

@description('Most workers at a time; each GPU worker takes one GPU of the quota.')
param maxReplicas int

@description('The model that it fetches from the container of models; empty where tracks are only measured.')
param model workerModel

@description('Storage of the environment that keeps models for all workers; empty where each replica fetches its own.')
param modelShare string

@description('Minutes that a track may wait for a worker, beside the start of one; fewer mean more workers.')
@minValue(1)
param trackMinutes int

@description('Minutes that a question may wait for a worker, beside the start of one.')
@minValue(1)
param questionMinutes int

@description('Jobs of each kind that have a message at a time.')
@minValue(1)
param queueWindow int

@description('When workers are kept ready although nothing waits: two cron expressions, a time zone and how many.')
param awake workerSchedule?

@export()
type workerProfile = 'Consumption' | 'Consumption-GPU-NC8as-T4' | 'Consumption-GPU-NC24-A100'

@export()
@description('Name and digest as infra/model-sums.sh gives them, and the size of all files together in GiB, rounded up.')
type workerModel = { name: string, digest: string, gib: int }

@export()
type workerSchedule = { start: string, end: string, timezone: string, replicas: int }

// The whole machine where it has a GPU, for a GPU cannot be shared. Of what a replica's disk holds, 8 GiB, downloads take
// downloadGiB and the model the rest. modelGiB is what fits into the memory that the model computes in, beside all else.
// Tracks and questions an hour are those of docs/azure-costs.md; idleSeconds is what a model's loading is worth.
@export()
var machines = {
  Consumption: {
    cpu: 4
    memory: '8Gi'
    parallelism: 4
    downloadGiB: 3
    modelGiB: 3
    tracksPerHour: 2361
    questionsPerHour: 600
    idleSeconds: 120
  }
  'Consumption-GPU-NC8as-T4': {
    cpu: 8
    memory: '56Gi'
    parallelism: 8
    downloadGiB: 3
    modelGiB: 13
    tracksPerHour: 5373
    questionsPerHour: 1200
    idleSeconds: 600
  }
  'Consumption-GPU-NC24-A100': {
    cpu: 24
    memory: '220Gi'
    parallelism: 24
    downloadGiB: 4
    modelGiB: 70
    tracksPerHour: 2707
    questionsPerHour: 1200
    idleSeconds: 600
  }
}

var diskGiB = 8
var machine = machines[profile]

// Refused before anything is made, rather than by a worker that starts again and again.
var fits = model.gib > machine.modelGiB
  ? fail('The model ${model.name} takes ${model.gib} GiB and ${profile} has room for ${machine.modelGiB}: take a larger profile or a smaller model.')
  : empty(modelShare) && model.gib + machine.downloadGiB > diskGiB
      ? fail('The model ${model.name} takes ${model.gib} GiB, which do not fit on a replica\'s disk: set vnetEnabled, which brings a share for models.')
      : true

// Where the worker answers probes; nobody outside reaches it.
var healthPort = 8081

// A share, or a folder of the replica that outlives its container: a worker that starts again finds the model there.
var modelCache = '/models'

var modelSettings = empty(model.name) || !fits
  ? {}
  : {
      Worker__model: model.name
      Worker__modelDigest: model.digest
    }

var environmentVariables = union(settings, modelSettings, {
  Worker__healthPort: string(healthPort)
  Worker__parallelism: string(machine.parallelism)
  Worker__downloadBytes: string(machine.downloadGiB * 1073741824)
  Worker__modelCache: modelCache
  Storage__credential: 'managedidentity'
  Storage__clientId: identityOfWorker.clientId
  Catalogue__ConnectionString: '${settings.Catalogue__ConnectionString};User Id=${identityOfWorker.clientId}'
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityOfWorker.clientId};Authorization=AAD'
})

// No more than the window is ever on a queue: when it is full, all workers are wanted.
var mostForOne = max(1, queueWindow / maxReplicas)

var waitingRules = [
  {
    name: 'waiting-jobs'
    azureQueue: {
      accountName: storageName
      queueName: 'analysis'
      queueLength: max(1, min(mostForOne, machine.tracksPerHour * trackMinutes / 60))
      identity: identityOfWorker.id
    }
  }
  {
    // Somebody waits for each of these.
    name: 'waiting-questions'
    azureQueue: {
      accountName: storageName
      queueName: 'questions'
      queueLength: max(1, min(mostForOne, machine.questionsPerHour * questionMinutes / 60))
      identity: identityOfWorker.id
    }
  }
]

var awakeRules = awake == null
  ? []
  : [
      {
        name: 'awake'
        custom: {
          type: 'cron'
          metadata: {
            start: awake!.start
            end: awake!.end
            timezone: awake!.timezone
            desiredReplicas: string(awake!.replicas)
          }
        }
      }
    ]

resource worker 'Microsoft.App/containerApps@2025-01-01' = {
  name: '${name}-worker'
  location: location
  tags: { 'azd-service-name': 'worker' }
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityOfWorker.id}': {} }
  }
  properties: {
    environmentId: environmentId
    workloadProfileName: profile
    configuration: {
      activeRevisionsMode: 'Single'
      registries: [{ server: registryHost, identity: identityOfWorker.id }]
    }
    template: {
      // SIGTERM first: the worker finishes or releases what it holds. Then SIGKILL, and the messages come back by themselves.
      terminationGracePeriodSeconds: 120
      containers: [
        {
          name: 'worker'
          image: image
          resources: { cpu: machine.cpu, memory: machine.memory }
          volumeMounts: [{ volumeName: 'models', mountPath: modelCache }]
          env: map(items(environmentVariables), v => { name: v.key, value: v.value })
          probes: [
            // The port answers before the model is fetched and loaded, however long that takes; /healthz/ready tells how far
            // it is. Azure documents 10 failures as the most, so this is one minute.
            { type: 'Startup', tcpSocket: { port: healthPort }, periodSeconds: 6, failureThreshold: 10 }
            {
              type: 'Readiness'
              httpGet: { path: '/healthz/ready', port: healthPort }
              periodSeconds: 30
              timeoutSeconds: 10
              failureThreshold: 3
            }
            {
              // Fails when a job hangs that cannot be ended: only a restart helps.
              type: 'Liveness'
              httpGet: { path: '/healthz/live', port: healthPort }
              periodSeconds: 30
              timeoutSeconds: 10
              failureThreshold: 3
            }
          ]
        }
      ]
      volumes: [
        empty(modelShare)
          ? { name: 'models', storageType: 'EmptyDir' }
          : { name: 'models', storageType: 'NfsAzureFile', storageName: modelShare }
      ]
      scale: {
        minReplicas: 0
        maxReplicas: maxReplicas
        pollingInterval: 30
        // An idle worker waits for more as long as loading the model is worth.
        cooldownPeriod: machine.idleSeconds
        // A worker is added when those that run would need longer for what waits than the minutes that it may wait.
        rules: concat(waitingRules, awakeRules)
      }
    }
  }
}

output appName string = worker.name
