// The private network: storage, database and registry answer only inside it. Deployed where vnetEnabled is set.
param location string
param name string
param storageId string
param hostStorageId string
param registryId string
param sqlServerId string

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' existing = {
  name: '${name}-network'

  resource endpoints 'subnets' existing = {
    name: 'endpoints'
  }
}

// Host names come from the environment where clouds have their own.
var parts = [
  { name: 'blob', id: storageId, group: 'blob', zone: 'privatelink.blob.${environment().suffixes.storage}' }
  { name: 'queue', id: storageId, group: 'queue', zone: 'privatelink.queue.${environment().suffixes.storage}' }
  { name: 'host-blob', id: hostStorageId, group: 'blob', zone: 'privatelink.blob.${environment().suffixes.storage}' }
  { name: 'host-queue', id: hostStorageId, group: 'queue', zone: 'privatelink.queue.${environment().suffixes.storage}' }
  { name: 'host-table', id: hostStorageId, group: 'table', zone: 'privatelink.table.${environment().suffixes.storage}' }
  { name: 'sql', id: sqlServerId, group: 'sqlServer', zone: 'privatelink${environment().suffixes.sqlServerHostname}' }
  { name: 'registry', id: registryId, group: 'registry', zone: 'privatelink.azurecr.io' }
]
var zoneNames = union(map(parts, part => part.zone), [])

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for zone in zoneNames: {
    name: zone
    location: 'global'
  }
]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (zone, i) in zoneNames: {
    parent: zones[i]
    name: '${name}-network'
    location: 'global'
    properties: {
      virtualNetwork: { id: network.id }
      registrationEnabled: false
    }
  }
]

resource endpoints 'Microsoft.Network/privateEndpoints@2024-05-01' = [
  for part in parts: {
    name: '${name}-${part.name}'
    location: location
    properties: {
      subnet: { id: network::endpoints.id }
      privateLinkServiceConnections: [
        { name: part.name, properties: { privateLinkServiceId: part.id, groupIds: [part.group] } }
      ]
    }
  }
]

resource names 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01' = [
  for (part, i) in parts: {
    parent: endpoints[i]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        { name: part.group, properties: { privateDnsZoneId: zones[indexOf(zoneNames, part.zone)].id } }
      ]
    }
  }
]
