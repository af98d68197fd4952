// What is known about every track: Azure SQL, opened by Entra identities only. deploy.sh applies the migrations.
param location string
param name string

@description('The Entra group that owns the server and may apply migrations.')
param adminGroup { name: string, objectId: string }

@description('The most that the catalogue may take; a mail is sent at 80 %.')
param maxSizeGiB int = 100

@description('Only the private network reaches the server; deploy.sh lets its own machine in while it migrates.')
param vnetEnabled bool = false

resource server 'Microsoft.Sql/servers@2023-08-01' = {
  name: name
  location: location
  properties: {
    administrators: {
      administratorType: 'ActiveDirectory'
      azureADOnlyAuthentication: true
      principalType: 'Group'
      login: adminGroup.name
      sid: adminGroup.objectId
      tenantId: tenant().tenantId
    }
    minimalTlsVersion: '1.2'
    publicNetworkAccess: 'Enabled'
  }
}

// Without a network of their own the programs come from Azure's addresses. This range of zeros means just that.
resource fromAzure 'Microsoft.Sql/servers/firewallRules@2023-08-01' = if (!vnetEnabled) {
  parent: server
  name: 'azure-services'
  properties: { startIpAddress: '0.0.0.0', endIpAddress: '0.0.0.0' }
}

resource database 'Microsoft.Sql/servers/databases@2023-08-01' = {
  parent: server
  name: 'catalogue'
  location: location
  sku: { name: 'GP_S_Gen5', tier: 'GeneralPurpose', family: 'Gen5', capacity: 2 }
  properties: {
    minCapacity: json('0.5')
    // A track takes about 6 kB; what is not used costs little, and a full database stops everything.
    maxSizeBytes: maxSizeGiB * 1073741824
    // The sweep looks every five minutes, so the database would never be idle long enough to pause.
    autoPauseDelay: -1
  }
}

output serverId string = server.id
output serverName string = server.name
output serverHost string = server.properties.fullyQualifiedDomainName
output databaseName string = database.name
output Catalogue__Provider string = 'SqlServer'
// Each program adds the client id of its own identity.
output Catalogue__ConnectionString string = 'Server=tcp:${server.properties.fullyQualifiedDomainName},1433;Database=${database.name};Authentication=Active Directory Managed Identity;Encrypt=True;Connect Timeout=60'
