// The catalogue page and the partners' API.
import { identity } from 'identities.bicep'

param location string
param name string
param environmentId string
param registryHost string
param image string
param identityOfWeb identity

@description('What every program is told, by the names of the environment variables.')
param settings object

@description('Address ranges (CIDR) that may open the page; nobody else can.')
@minLength(1)
param allowedRanges string[]

var environmentVariables = union(settings, {
  Storage__credential: 'managedidentity'
  Storage__clientId: identityOfWeb.clientId
  Catalogue__ConnectionString: '${settings.Catalogue__ConnectionString};User Id=${identityOfWeb.clientId}'
})

var health = { path: '/healthz', port: 8080, scheme: 'HTTP' }

resource web 'Microsoft.App/containerApps@2025-01-01' = {
  name: '${name}-web'
  location: location
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityOfWeb.id}': {} }
  }
  properties: {
    environmentId: environmentId
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      registries: [{ server: registryHost, identity: identityOfWeb.id }]
      ingress: {
        external: true
        targetPort: 8080
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
            { type: 'Startup', httpGet: health, periodSeconds: 3, failureThreshold: 40 }
            { type: 'Readiness', httpGet: health, periodSeconds: 10, failureThreshold: 3 }
            { type: 'Liveness', httpGet: health, periodSeconds: 30, failureThreshold: 3 }
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
