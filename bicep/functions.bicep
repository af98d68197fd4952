// The front of the batch: a Flex Consumption function app, and the account in which its host keeps locks, keys and the package.
import { identity } from 'identities.bicep'

param location string
param name string

@description('Account of the host. Apart from the music, so that a right on one is no right on the other.')
param hostStorageName string
param identityOfFunctions identity

@description('What every program is told, by the names of the environment variables.')
param settings object

@description('Subnet of the functions in the private network; empty without one.')
param subnetId string = ''

resource hostStorage 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: hostStorageName
  location: location
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    networkAcls: { defaultAction: !empty(subnetId) ? 'Deny' : 'Allow', bypass: 'AzureServices' }
  }

  resource blobs 'blobServices' = {
    name: 'default'

    resource package 'containers' = {
      name: 'package'
      properties: { publicAccess: 'None' }
    }
  }
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: '${name}-plan'
  location: location
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  kind: 'functionapp,linux'
  tags: { 'azd-service-name': 'functions' }
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityOfFunctions.id}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${hostStorage.properties.primaryEndpoints.blob}${hostStorage::blobs::package.name}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityOfFunctions.id
          }
        }
      }
      runtime: { name: 'dotnet-isolated', version: '10.0' }
      scaleAndConcurrency: {
        instanceMemoryMB: 2048
        maximumInstanceCount: 40
        // From zero, a blob trigger fed by Event Grid may wait for the next sweep; one instance keeps the way open.
        alwaysReady: [{ name: 'blob', instanceCount: 1 }]
      }
    }
    siteConfig: { minTlsVersion: '1.2' }
  }

  resource appSettings 'config' = {
    name: 'appsettings'
    properties: union(settings, {
      Storage__credential: 'managedidentity'
      Storage__clientId: identityOfFunctions.clientId
      Catalogue__ConnectionString: '${settings.Catalogue__ConnectionString};User Id=${identityOfFunctions.clientId}'
      AzureWebJobsStorage__blobServiceUri: hostStorage.properties.primaryEndpoints.blob
      AzureWebJobsStorage__queueServiceUri: hostStorage.properties.primaryEndpoints.queue
      AzureWebJobsStorage__tableServiceUri: hostStorage.properties.primaryEndpoints.table
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identityOfFunctions.clientId
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityOfFunctions.clientId};Authorization=AAD'
    })
  }

  // No password opens the deployment endpoints.
  resource noFtp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource noBasicScm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
}

output appName string = app.name
output hostStorageName string = hostStorage.name
output hostStorageId string = hostStorage.id
