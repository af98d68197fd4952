using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace OpenMU.Repository.Tests;

/// <summary>infra/pin-images.sh against a registry on this machine, which answers as Microsoft's does.</summary>
public sealed class PinImagesTests : IAsyncLifetime
{
    private const string Index = "application/vnd.oci.image.index.v1+json";

    private readonly string folder = Directory.CreateTempSubdirectory("openmu-pins-").FullName;
    private readonly Dictionary<string, string> digests = [];
    private WebApplication registry = null!;
    private string host = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        await File.WriteAllTextAsync(Path.Combine(folder, "ca.pem"), certificate.ExportCertificatePem(), Cancel);

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        registry = builder.Build();
        registry.MapMethods("/v2/{**path}", [HttpMethods.Head], Answer);
        await registry.StartAsync(Cancel);
        host = $"localhost:{new Uri(registry.Urls.Single()).Port}";
        File.Copy(Path.Combine(Checkout.Root, "infra", "pin-images.sh"), Path.Combine(folder, "pin-images.sh"));
        foreach (var image in (string[])["web", "worker"])
        {
            var text = Checkout.Read($"infra/{image}.Dockerfile").Replace("mcr.microsoft.com", host);
            await File.WriteAllTextAsync(Path.Combine(folder, $"{image}.Dockerfile"), text, Cancel);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await registry.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Each_base_image_is_pinned_to_the_digest_of_its_tag_and_again_when_the_tag_has_moved()
    {
        foreach (var round in (string[])["a", "b"])
        {
            foreach (var name in (string[])["sdk", "aspnet"])
                digests[name] = $"sha256:{new string(round[0], 63)}{name.Length}";

            var (exitCode, output) = Pin();

            exitCode.Should().Be(0, output);
            (await ArgumentsAsync("web")).Should().Equal(
                $"ARG SDK={host}/dotnet/sdk:10.0@{digests["sdk"]}",
                $"ARG RUNTIME={host}/dotnet/aspnet:10.0-noble-chiseled-extra@{digests["aspnet"]}");
            (await ArgumentsAsync("worker")).Should().Equal(
                $"ARG SDK={host}/dotnet/sdk:10.0@{digests["sdk"]}",
                $"ARG RUNTIME={host}/dotnet/aspnet:10.0-noble@{digests["aspnet"]}", "ARG CUDA=false", "ARG CUDA");
        }
    }

    [Theory]
    [InlineData("not-a-digest")]
    [InlineData(null)]
    public async Task A_registry_that_names_no_digest_ends_it_with_one_line_and_leaves_the_files_alone(string? digest)
    {
        if (digest is not null) digests["sdk"] = digests["aspnet"] = digest;
        var before = await ArgumentsAsync("web");

        var (exitCode, output) = Pin();

        exitCode.Should().NotBe(0);
        output.Trim().Should().NotBeEmpty().And.NotContain("\n");
        (await ArgumentsAsync("web")).Should().Equal(before);
    }

    private (int ExitCode, string Output) Pin() => Checkout.Run(
        "env", $"CURL_CA_BUNDLE={Path.Combine(folder, "ca.pem")}", "NO_PROXY=localhost", "no_proxy=localhost", "bash",
        Path.Combine(folder, "pin-images.sh"));

    private async Task<string[]> ArgumentsAsync(string image) =>
        [.. (await File.ReadAllLinesAsync(Path.Combine(folder, $"{image}.Dockerfile"), Cancel))
            .Where(line => line.StartsWith("ARG ", StringComparison.Ordinal))];

    // A multi-platform image's digest is that of its index, which the registry gives to who accepts one.
    private IResult Answer(string path, HttpRequest request, HttpResponse response)
    {
        var parts = path.Split('/');
        if (parts is not ["dotnet", var name, "manifests", _] || !digests.TryGetValue(name, out var digest)
            || !request.Headers.Accept.ToString().Contains(Index, StringComparison.Ordinal))
        {
            return Results.NotFound();
        }

        response.Headers["Docker-Content-Digest"] = digest;
        return Results.Bytes([], Index);
    }
}
