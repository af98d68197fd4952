// What the containers need: a registry for the images and an environment to run them in.
import { workerProfile } from 'worker.bicep'

param location string
param name string

@description('Letters and digits only.')
param registryName string
param workspaceId string

param profile workerProfile

@description('Subnet of the containers in the private network; empty without one.')
param subnetId string = ''

resource registry 'Microsoft.ContainerRegistry/registries@2025-04-01' = {
  name: registryName
  location: location
  // Only Premium has private endpoints.
  sku: { name: empty(subnetId) ? 'Standard' : 'Premium' }
  properties: {
    adminUserEnabled: false
    anonymousPullEnabled: false
    // deploy.sh opens it for as long as it builds images there.
    publicNetworkAccess: empty(subnetId) ? 'Enabled' : 'Disabled'
  }
}

resource environment 'Microsoft.App/managedEnvironments@2025-01-01' = {
  name: '${name}-containers'
  location: location
  properties: {
    vnetConfiguration: empty(subnetId) ? null : { infrastructureSubnetId: subnetId }
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
output environmentDomain string = environment.properties.defaultDomain
output registryName string = registry.name
output registryId string = registry.id
output registryHost string = registry.properties.loginServer
