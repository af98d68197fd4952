// The catalogue page and the partners' API.
import { identity } from 'identities.bicep'

param location string
param name string
param environmentName string
param registryHost string
param image string
param identityOfWeb identity

@description('What every program is told, by the names of the environment variables.')
param settings object

@description('Address ranges (CIDR) that may open the page; nobody else can.')
@minLength(1)
param allowedRanges string[]

resource environment 'Microsoft.App/managedEnvironments@2025-01-01' existing = {
  name: environmentName
}

var environmentVariables = union(settings, {
  // Other host names are refused; `localhost` is what the health probe calls itself.
  AllowedHosts: '${name}-web.${environment.properties.defaultDomain};localhost'
  // TLS ends at the environment's proxy, which says so in a header.
  ASPNETCORE_FORWARDEDHEADERS_ENABLED: 'true'
  Storage__credential: 'managedidentity'
  Storage__clientId: identityOfWeb.clientId
  Catalogue__ConnectionString: '${settings.Catalogue__ConnectionString};User Id=${identityOfWeb.clientId}'
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityOfWeb.clientId};Authorization=AAD'
})

var port = 8080

// Ready is who reaches the catalogue; alive is who listens. A database that is away must not restart the site.
var health = { path: '/healthz', port: port, scheme: 'HTTP', httpHeaders: [{ name: 'Host', value: 'localhost' }] }

resource web 'Microsoft.App/containerApps@2025-01-01' = {
  name: '${name}-web'
  location: location
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityOfWeb.id}': {} }
  }
  properties: {
    environmentId: environment.id
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      registries: [{ server: registryHost, identity: identityOfWeb.id }]
      ingress: {
        external: true
        targetPort: port
        transport: 'auto'
        allowInsecure: false
        ipSecurityRestrictions: [
          for range in allowedRanges: { name: 'allow-${uniqueString(range)}', action: 'Allow', ipAddressRange: range }
        ]
      }
    }
    template: {
      terminationGracePeriodSeconds: 30
      containers: [
        {
          name: 'web'
          image: image
          resources: { cpu: 1, memory: '2Gi' }
          env: map(items(environmentVariables), v => { name: v.key, value: v.value })
          probes: [
            { type: 'Startup', tcpSocket: { port: port }, periodSeconds: 3, failureThreshold: 40 }
            { type: 'Readiness', httpGet: health, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 }
            { type: 'Liveness', tcpSocket: { port: port }, periodSeconds: 30, failureThreshold: 3 }
          ]
        }
      ]
      scale: {
        minReplicas: 1
        maxReplicas: 4
        rules: [{ name: 'requests', http: { metadata: { concurrentRequests: '50' } } }]
      }
    }
  }
}

output WEB_URL string = 'https://${web.properties.configuration.ingress!.fqdn}'
