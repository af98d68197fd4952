using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Repository.Tests;

/// <summary>
/// What can be known about the Azure resources without Azure: that they compile, and that they agree with the
/// code and with each other.
/// </summary>
public partial class BicepTests(CompiledBicep compiled)
{
    private const string Containers = "Microsoft.Storage/storageAccounts/blobServices/containers";
    private const string Queues = "Microsoft.Storage/storageAccounts/queueServices/queues";

    private static readonly string[] Names =
        [.. typeof(StorageNames).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(f => f.GetRawConstantValue())
            .OfType<string>()];

    private static IEnumerable<string> BicepFiles => Directory.GetFiles(Path.Combine(Checkout.Root, "bicep"), "*.bicep")
        .Select(f => Path.GetFileNameWithoutExtension(f));

    [Fact]
    public void Every_file_compiles_without_a_word_from_the_compiler()
    {
        compiled.Diagnostics.Should().BeEmpty();
        compiled.ExitCode.Should().Be(0);
        compiled.Templates.Keys.Should().BeEquivalentTo(BicepFiles);
    }

    [Fact]
    public void The_linter_finds_nothing() => Checkout.Bicep("lint", "--pattern", "./*.bicep").Should().Be((0, ""));

    [Fact]
    public void The_parameter_file_fits_its_template()
    {
        var folder = Directory.CreateTempSubdirectory("openmu-bicep-");
        try
        {
            Checkout.Bicep("build-params", "main.bicepparam", "--outfile", Path.Combine(folder.FullName, "main.json"))
                .Should().Be((0, ""));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_misspelt_property_would_be_noticed()
    {
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".bicep");
        try
        {
            File.WriteAllText(
                file, Checkout.Read("bicep/storage.bicep").Replace("allowSharedKeyAccess", "allowSharedKeyAcces"));
            Checkout.Bicep("build", file, "--stdout").Output
                .Should().Contain("allowSharedKeyAcces").And.Contain("Warning BCP");
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Container_and_queues_have_the_names_that_the_programs_use()
    {
        var declared = compiled.Resources("storage")
            .Where(r => (string?)r["type"] is Containers or Queues)
            .Select(LastName);

        declared.Should().BeEquivalentTo(Names);
    }

    [Fact]
    public void Roles_scaler_events_and_alerts_speak_of_the_same_container_and_queues()
    {
        var scoped = compiled.Resources("roles")
            .Where(r => (string?)r["type"] is Containers or Queues)
            .Select(LastName);
        var scaled = Values(compiled.Templates["worker"], "queueName");
        var announced = Values(compiled.Templates["events"], "subjectBeginsWith");
        var followed = Values(compiled.Templates["events"], "queueName");
        var watched = QueuePath().Matches(Checkout.Read("bicep/monitor.bicep")).Select(m => m.Groups["queue"].Value);

        scoped.Should().NotBeEmpty().And.BeSubsetOf(Names);
        scaled.Should().Equal(StorageNames.Analysis, StorageNames.Questions);
        announced.Should().HaveCount(2).And.OnlyContain(
            subject => subject == $"/blobServices/default/containers/{StorageNames.Tracks}/");
        followed.Should().Equal(StorageNames.Removals);
        watched.Should().BeEquivalentTo(StorageNames.AnalysisPoison, StorageNames.QuestionsPoison);
    }

    [Fact]
    public void The_workers_probes_ask_where_it_answers()
    {
        var worker = compiled.Templates["worker"];

        Values(worker, "path").Should().BeEquivalentTo("/healthz/ready", "/healthz/live");
        worker["variables"]!["environmentVariables"]!.ToString().Should().Contain("'Worker__healthPort'")
            .And.Contain("variables('healthPort')");
        Values(worker, "port").Should().AllBe("[variables('healthPort')]").And.HaveCount(3);
    }

    [Fact]
    public void Probes_ask_no_more_often_than_Azure_documents() =>
        new[] { "worker", "web" }.SelectMany(file => Values(compiled.Templates[file], "failureThreshold"))
            .Select(int.Parse).Should().NotBeEmpty().And.OnlyContain(times => times <= 10);

    [Fact]
    public void A_private_network_closes_what_holds_music_and_answers()
    {
        foreach (var file in (string[])["storage", "functions"])
            Checkout.Read($"bicep/{file}.bicep").Should().Contain("? 'Deny' : 'Allow'").And.NotContain("defaultAction: 'Allow'");
        compiled.Declared("Microsoft.Network/privateEndpoints").Select(e => e.File)
            .Should().BeEquivalentTo("network", "models-share");
        // The database's firewall lets in all of Azure only where there is no such network.
        ((string)compiled.Declared("Microsoft.Sql/servers/firewallRules").Single().Resource["condition"]!)
            .Should().Be("[not(parameters('vnetEnabled'))]");
    }

    [Fact]
    public void What_alerts_look_for_is_what_the_worker_says_and_counts()
    {
        var alerts = Checkout.Read("bicep/monitor.bicep");
        var worker = string.Concat(
            Directory.GetFiles(Path.Combine(Checkout.Root, "src/OpenMU.Worker"), "*.cs").Select(File.ReadAllText));

        foreach (var line in (string[])["Only a new process helps", "no work is taken until"])
        {
            alerts.Should().Contain($"'{line}'");
            worker.Should().Contain(line);
        }

        foreach (var instrument in (string[])["openmu.tracks.without_words", "openmu.queue.age", "openmu.jobs"])
        {
            alerts.Should().Contain($"'{instrument}'");
            Checkout.Read("src/OpenMU.Catalogue/Telemetry.cs").Should().Contain($"\"{instrument}\"");
        }
    }

    [Fact]
    public void Commands_that_mails_name_are_commands_with_such_options()
    {
        var mails = Checkout.Read("bicep/monitor.bicep") + Checkout.Read("bicep/limits.bicep");
        var named = Regex.Matches(mails, "`openmu (?<verb>[a-z]+)(?<options>[^`]*)`").ToList();

        named.Select(match => match.Groups["verb"].Value).Distinct().Should().BeEquivalentTo("status", "redrive");
        foreach (var match in named)
        {
            var file = Checkout.Read($"src/OpenMU.Cli/{Title(match.Groups["verb"].Value)}.cs");
            file.Should().Contain("CatalogueAccess.OpenAsync", "the command works on Azure");
            foreach (var option in match.Groups["options"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                file.Should().Contain($"\"{option}\"");
        }

        static string Title(string verb) => char.ToUpperInvariant(verb[0]) + verb[1..];
    }

    [Fact]
    public void Each_thing_that_can_run_out_or_be_lost_has_a_mail()
    {
        var metrics = Values(compiled.Templates["limits"]["variables"]!, "metric");

        metrics.Should().BeEquivalentTo(
            "DroppedEventCount", "UsedCapacity", "storage_percent", "cpu_percent", "RestartCount");
        compiled.Resources("limits").Select(resource => (string?)resource["type"])
            .Should().Contain("Microsoft.Consumption/budgets");
        compiled.Resources("catalogue").Select(resource => resource["properties"]?["maxSizeBytes"])
            .Should().Contain(size => size != null);
    }

    [Fact]
    public void Every_role_assignment_stands_in_one_file() =>
        compiled.Declared("Microsoft.Authorization/roleAssignments").Select(r => r.File).Distinct()
            .Should().Equal("roles");

    [Fact]
    public void Every_role_is_named_beside_its_number()
    {
        var lines = Checkout.ReadLines("bicep/roles.bicep").Where(line => Guid().IsMatch(line));

        lines.Should().NotBeEmpty().And.OnlyContain(line => line.Contains("' // "));
        BicepFiles.Where(file => file != "roles" && Guid().IsMatch(Checkout.Read($"bicep/{file}.bicep")))
            .Should().BeEmpty();
    }

    [Fact]
    public void Nothing_reads_or_allows_a_key()
    {
        string[] words =
        [
            "AccountKey", "SharedAccessKey", "SharedAccessSignature", "adminUserEnabled: true",
            "administratorLoginPassword"
        ];

        foreach (var file in BicepFiles)
        {
            var text = Checkout.Read($"bicep/{file}.bicep");
            KeyFunction().Matches(text).Should().BeEmpty(file);
            words.Where(text.Contains).Should().BeEmpty(file);
        }

        compiled.Declared("Microsoft.Storage/storageAccounts").Should().HaveCount(3)
            .And.OnlyContain(a => a.Resource["properties"]!["allowSharedKeyAccess"]!.GetValue<bool>() == false);
        compiled.Declared("Microsoft.Sql/servers").Should().ContainSingle()
            .Which.Resource["properties"]!["administrators"]!["azureADOnlyAuthentication"]!.GetValue<bool>()
            .Should().BeTrue();
        compiled.Declared("Microsoft.Insights/components").Should().ContainSingle()
            .Which.Resource["properties"]!["DisableLocalAuth"]!.GetValue<bool>().Should().BeTrue();
    }

    [Fact]
    public void No_module_comes_from_a_registry()
    {
        var modules = BicepFiles.SelectMany(file => ModulePath().Matches(Checkout.Read($"bicep/{file}.bicep")))
            .Select(m => m.Groups["path"].Value).Distinct();

        // Every part is in the parts list but the list itself and the event subscription, which is
        // deployed after the code.
        modules.Should().BeEquivalentTo(BicepFiles.Except(["main", "events"]).Select(file => file + ".bicep"));
    }

    [Fact]
    public void Free_strings_that_bicep_does_not_check_are_known_ones()
    {
        var profiles = compiled.Templates["worker"]["definitions"]!["workerProfile"]!["allowedValues"]!.AsArray()
            .Select(v => (string)v!);
        profiles.Should().BeEquivalentTo("Consumption", "Consumption-GPU-NC8as-T4", "Consumption-GPU-NC24-A100");
        profiles.Should().BeEquivalentTo(
            compiled.Templates["worker"]["variables"]!["machines"]!.AsObject().Select(size => size.Key));

        var framework = XDocument.Parse(Checkout.Read("Directory.Build.props")).Descendants("TargetFramework")
            .Single().Value;
        var functions = compiled.Declared("Microsoft.Web/sites")
            .Should().ContainSingle().Subject.Resource["properties"]!["functionAppConfig"]!;
        ((string)functions["runtime"]!["name"]!).Should().Be("dotnet-isolated");
        $"net{functions["runtime"]!["version"]}".Should().Be(framework);
        ((int)functions["scaleAndConcurrency"]!["instanceMemoryMB"]!).Should().BeOneOf(512, 2048, 4096);
        ((string)compiled.Declared("Microsoft.Web/serverfarms").Single().Resource["sku"]!["name"]!).Should().Be("FC1");
    }

    /// <summary>
    /// The last part of a name such as <c>[format('{0}/{1}/{2}', parameters('name'), 'default', 'tracks')]</c>.
    /// </summary>
    private static string LastName(JsonObject resource) =>
        Quoted().Matches((string)resource["name"]!)[^1].Groups["text"].Value;

    private static IEnumerable<string> Values(JsonNode? node, string key) => node switch
    {
        JsonObject o => o.SelectMany(p => p.Key == key && p.Value is JsonValue v ? [v.ToString()] : Values(p.Value, key)),
        JsonArray a => a.SelectMany(item => Values(item, key)),
        _ => [],
    };

    [GeneratedRegex(@"'(?<text>[^']*)'")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"'/(?<queue>[a-z-]+)/messages'")]
    private static partial Regex QueuePath();

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex Guid();

    [GeneratedRegex(@"\blist[A-Z]\w*\s*\(")]
    private static partial Regex KeyFunction();

    [GeneratedRegex(@"^module \w+ '(?<path>[^']+)'", RegexOptions.Multiline)]
    private static partial Regex ModulePath();
}
