// The private network's address space, before anything stands in it.
param location string
param name string

// Room for the containers of 27 machines, for 24 addresses of functions, and for every endpoint.
resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: '${name}-network'
  location: location
  properties: {
    addressSpace: { addressPrefixes: ['10.20.0.0/16'] }
    subnets: [
      {
        name: 'containers'
        properties: {
          addressPrefix: '10.20.0.0/23'
          delegations: [{ name: 'containers', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      }
      {
        name: 'functions'
        properties: {
          addressPrefix: '10.20.2.0/27'
          delegations: [{ name: 'functions', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      }
      {
        name: 'endpoints'
        properties: { addressPrefix: '10.20.3.0/26' }
      }
    ]
  }
}

output containersSubnet string = '${network.id}/subnets/containers'
output functionsSubnet string = '${network.id}/subnets/functions'
