// A share that keeps large models for all workers, which a replica's own disk has no room for. NFS, because SMB needs a key;
// whoever is in the private network may read it, so it stands in there only.
param location string
param name string
param networkName string
param environmentName string

@description('Models at a time; the smallest such share is 100 GiB.')
@minValue(100)
param gib int = 100

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' existing = {
  name: networkName

  resource endpoints 'subnets' existing = {
    name: 'endpoints'
  }
}

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: name
  location: location
  kind: 'FileStorage'
  sku: { name: 'Premium_LRS' }
  properties: {
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    minimumTlsVersion: 'TLS1_2'
    // NFS knows no TLS of this kind; nothing but the private network reaches it.
    supportsHttpsTrafficOnly: false
    publicNetworkAccess: 'Disabled'
    networkAcls: { defaultAction: 'Deny', bypass: 'None' }
  }

  resource files 'fileServices' = {
    name: 'default'

    resource models 'shares' = {
      name: 'models'
      properties: { enabledProtocols: 'NFS', shareQuota: gib, rootSquash: 'NoRootSquash' }
    }
  }
}

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: 'privatelink.file.${environment().suffixes.storage}'
  location: 'global'

  resource link 'virtualNetworkLinks' = {
    name: networkName
    location: 'global'
    properties: {
      virtualNetwork: { id: network.id }
      registrationEnabled: false
    }
  }
}

resource endpoint 'Microsoft.Network/privateEndpoints@2024-05-01' = {
  name: '${name}-file'
  location: location
  properties: {
    subnet: { id: network::endpoints.id }
    privateLinkServiceConnections: [
      { name: 'file', properties: { privateLinkServiceId: account.id, groupIds: ['file'] } }
    ]
  }

  resource names 'privateDnsZoneGroups' = {
    name: 'default'
    properties: { privateDnsZoneConfigs: [{ name: 'file', properties: { privateDnsZoneId: zone.id } }] }
  }
}

resource containers 'Microsoft.App/managedEnvironments@2025-01-01' existing = {
  name: environmentName

  resource mount 'storages' = {
    name: 'models'
    properties: {
      nfsAzureFile: {
        server: '${account.name}.file.${environment().suffixes.storage}'
        shareName: '/${account.name}/${account::files::models.name}'
        accessMode: 'ReadWrite'
      }
    }
  }
}

output storageName string = containers::mount.name
