// What the containers need: a registry for the images and an environment to run them in.
import { workerProfile } from 'worker.bicep'

param location string
param name string

@description('Letters and digits only.')
param registryName string
param workspaceId string

param profile workerProfile

resource registry 'Microsoft.ContainerRegistry/registries@2025-04-01' = {
  name: registryName
  location: location
  sku: { name: 'Standard' }
  properties: {
    adminUserEnabled: false
    anonymousPullEnabled: false
  }
}

resource environment 'Microsoft.App/managedEnvironments@2025-01-01' = {
  name: '${name}-containers'
  location: location
  properties: {
    workloadProfiles: concat(
      [{ name: 'Consumption', workloadProfileType: 'Consumption' }],
      profile == 'Consumption' ? [] : [{ name: profile, workloadProfileType: profile }]
    )
    // Through Azure Monitor rather than straight into the workspace: that way needs no workspace key.
    appLogsConfiguration: { destination: 'azure-monitor' }
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: environment
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
  }
}

output environmentId string = environment.id
output environmentName string = environment.name
output registryName string = registry.name
output registryHost string = registry.properties.loginServer
