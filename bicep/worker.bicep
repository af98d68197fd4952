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

@export()
type workerProfile = 'Consumption' | 'Consumption-GPU-NC8as-T4' | 'Consumption-GPU-NC24-A100'

// The whole machine where it has a GPU, for a GPU cannot be shared.
var sizes = {
  Consumption: { cpu: 4, memory: '8Gi' }
  'Consumption-GPU-NC8as-T4': { cpu: 8, memory: '56Gi' }
  'Consumption-GPU-NC24-A100': { cpu: 24, memory: '220Gi' }
}

// Where the worker answers probes; nobody outside reaches it.
var healthPort = 8081

var environmentVariables = union(settings, {
  Worker__healthPort: string(healthPort)
  Storage__credential: 'managedidentity'
  Storage__clientId: identityOfWorker.clientId
  Catalogue__ConnectionString: '${settings.Catalogue__ConnectionString};User Id=${identityOfWorker.clientId}'
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityOfWorker.clientId};Authorization=AAD'
})

resource worker 'Microsoft.App/containerApps@2025-01-01' = {
  name: '${name}-worker'
  location: location
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
          resources: { cpu: sizes[profile].cpu, memory: sizes[profile].memory }
          env: map(items(environmentVariables), v => { name: v.key, value: v.value })
          probes: [
            // The port answers before the model is loaded.
            { type: 'Startup', tcpSocket: { port: healthPort }, periodSeconds: 5, failureThreshold: 60 }
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
      scale: {
        minReplicas: 0
        maxReplicas: maxReplicas
        pollingInterval: 30
        // Loading a model is dear, so an idle worker waits ten minutes for more.
        cooldownPeriod: 600
        rules: [
          {
            name: 'waiting-jobs'
            azureQueue: {
              accountName: storageName
              queueName: 'analysis'
              queueLength: 100
              identity: identityOfWorker.id
            }
          }
          {
            // Somebody waits for each of these.
            name: 'waiting-questions'
            azureQueue: {
              accountName: storageName
              queueName: 'questions'
              queueLength: 20
              identity: identityOfWorker.id
            }
          }
        ]
      }
    }
  }
}

output appName string = worker.name
