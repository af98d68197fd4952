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

@description('The app registration in Entra by which people sign in and programs bring tokens; none where the ranges are enough.')
param signIn entraSignIn?

@description('Applications of other houses that bring tokens of that registration, and what each may do: ID=TENANT:Read+Submit, with semicolons between them.')
param applications string = ''

@export()
@description('Client id of the registration, and the tenant that it is in.')
type entraSignIn = { clientId: string, tenantId: string }

resource environment 'Microsoft.App/managedEnvironments@2025-01-01' existing = {
  name: environmentName
}

var authority = '${az.environment().authentication.loginEndpoint}${signIn.?tenantId}/v2.0'

var environmentVariables = union(settings, signInVariables, {
  // Other host names are refused; `localhost` is what the health probe calls itself.
  AllowedHosts: '${name}-web.${environment.properties.defaultDomain};localhost'
  // TLS ends at the environment's proxy, which says so in a header.
  ASPNETCORE_FORWARDEDHEADERS_ENABLED: 'true'
  Site__directUpload: 'true'
  // Only a sign-in takes such names out of the requests of others.
  Site__signIn: signIn == null ? 'None' : 'Platform'
  Storage__credential: 'managedidentity'
  Storage__clientId: identityOfWeb.clientId
  Catalogue__ConnectionString: '${settings.Catalogue__ConnectionString};User Id=${identityOfWeb.clientId}'
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityOfWeb.clientId};Authorization=AAD'
})

var signInVariables = signIn == null
  ? {}
  : {
      Site__entraAuthority: authority
      Site__entraAudience: signIn!.clientId
      Site__entraApplications: applications
    }

var port = 8080

// Ready is who reaches the catalogue; alive is who listens. A database that is away must not restart the site.
var health = { path: '/healthz', port: port, scheme: 'HTTP', httpHeaders: [{ name: 'Host', value: 'localhost' }] }

resource web 'Microsoft.App/containerApps@2025-01-01' = {
  name: '${name}-web'
  location: location
  tags: { 'azd-service-name': 'web' }
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
            { type: 'Startup', tcpSocket: { port: port }, periodSeconds: 10, failureThreshold: 10 }
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

// The environment's proxy signs people in before a request reaches the site. Id tokens, so there is no secret to keep.
// Whom it does not know it lets through without a name: programs bring a key (X-Api-Key) or a token of the registration,
// and the site refuses everybody else and sends people to the sign-in.
resource auth 'Microsoft.App/containerApps/authConfigs@2025-01-01' = if (signIn != null) {
  parent: web
  name: 'current'
  properties: {
    platform: { enabled: true }
    globalValidation: {
      unauthenticatedClientAction: 'AllowAnonymous'
    }
    httpSettings: { requireHttps: true }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: signIn!.clientId
          openIdIssuer: authority
        }
        validation: { allowedAudiences: [signIn!.clientId, 'api://${signIn!.clientId}'] }
      }
    }
  }
}

output WEB_URL string = 'https://${web.properties.configuration.ingress!.fqdn}'
