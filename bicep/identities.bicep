// One identity a program, so that each is allowed only what it does. What they are allowed stands in roles.bicep.
param location string
param name string

resource functions 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-functions'
  location: location
}

resource worker 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-worker'
  location: location
}

resource web 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-web'
  location: location
}

@export()
type identity = {
  name: string
  id: string
  clientId: string
  principalId: string
}

output functions identity = {
  name: functions.name
  id: functions.id
  clientId: functions.properties.clientId
  principalId: functions.properties.principalId
}

output worker identity = {
  name: worker.name
  id: worker.id
  clientId: worker.properties.clientId
  principalId: worker.properties.principalId
}

output web identity = {
  name: web.name
  id: web.id
  clientId: web.properties.clientId
  principalId: web.properties.principalId
}
