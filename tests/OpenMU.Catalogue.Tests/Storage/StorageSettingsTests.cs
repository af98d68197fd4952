using Azure.Identity;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Catalogue.Tests.Storage;

public sealed class StorageSettingsTests
{
    [Theory]
    [InlineData("managedidentity", "00000000-0000-0000-0000-000000000001", typeof(ManagedIdentityCredential))]
    [InlineData("managedidentity", null, typeof(ManagedIdentityCredential))]
    [InlineData(null, null, typeof(DefaultAzureCredential))]
    public void In_Azure_a_program_signs_in_by_its_own_identity_and_tries_nothing_else(
        string? credential, string? client, Type expected) =>
        new StorageSettings { Credential = credential, ClientId = client }.SignIn().Should().BeOfType(expected);
}
