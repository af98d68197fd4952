using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.SqlServer.TransactSql.ScriptDom;
using OpenMU.Catalogue.Storage;

namespace OpenMU.Repository.Tests;

/// <summary>
/// The scripts and image descriptions in infra, as far as they can be checked without Docker and without Azure.
/// </summary>
public partial class DeploymentTests(CompiledBicep compiled)
{
    private static readonly string Deploy = Checkout.Read("infra/deploy.sh");

    [Theory]
    [InlineData("worker")]
    [InlineData("web")]
    public void An_image_copies_what_exists_and_publishes_a_project_that_exists(string image)
    {
        var text = Checkout.Read($"infra/{image}.Dockerfile");

        var copied = CopiedFromContext().Matches(text)
            .SelectMany(m => m.Groups["paths"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)[..^1])
            .ToArray();
        copied.Should().NotBeEmpty().And.OnlyContain(path => Path.Exists(Path.Combine(Checkout.Root, path)));

        var project = Path.GetFileName(Published().Match(text).Groups["project"].Value);
        Checkout.Projects("src").Keys.Should().Contain(project);
        text.Should().EndWith($"ENTRYPOINT [\"dotnet\", \"{project}.dll\"]\n");
    }

    [Theory]
    [InlineData("worker")]
    [InlineData("web")]
    public void An_image_does_not_run_as_root(string image) =>
        Checkout.ReadLines($"infra/{image}.Dockerfile").Last(line => line.StartsWith("USER ", StringComparison.Ordinal))
            .Should().Be("USER $APP_UID");

    [Fact]
    public void The_web_image_listens_where_the_ingress_knocks()
    {
        var port = compiled.Templates["web"]["variables"]!["port"]!.GetValue<int>();

        Checkout.ReadLines("infra/web.Dockerfile").Should().Contain($"EXPOSE {port}");
    }

    [Theory]
    [InlineData("deploy.sh")]
    [InlineData("smoke.sh")]
    [InlineData("costs.sh")]
    [InlineData("model-sums.sh")]
    public void A_script_parses_and_explains_itself(string script)
    {
        Checkout.Run("bash", "-n", $"../infra/{script}").Should().Be((0, ""));

        var (exitCode, output) = Checkout.Run("bash", $"../infra/{script}", "--help");
        exitCode.Should().Be(0);
        output.Should().Contain($"infra/{script}");
    }

    [Theory]
    [InlineData("deploy.sh")]
    [InlineData("smoke.sh")]
    public void A_script_without_arguments_shows_its_usage_and_fails(string script)
    {
        var (exitCode, output) = Checkout.Run("bash", $"../infra/{script}");

        exitCode.Should().Be(2);
        output.Should().Contain($"infra/{script}");
    }

    [Fact]
    public void The_deployment_asks_for_what_the_parameter_file_reads()
    {
        // Some are the script's own: what it finds out about the model, and what the first pass makes.
        var read = Variable().Matches(Checkout.Read("bicep/main.bicepparam"))
            .Select(m => m.Value)
            .Except(["OPENMU_WORKER_IMAGE", "OPENMU_WEB_IMAGE", "OPENMU_WEB_ORIGIN", "OPENMU_MODEL_NAME",
                "OPENMU_MODEL_DIGEST", "OPENMU_MODEL_GIB", "OPENMU_MODEL_VERSION"]);
        var (_, usage) = Checkout.Run("bash", "../infra/deploy.sh", "--help");

        Variable().Matches(usage).Select(m => m.Value).Distinct()
            .Should().BeEquivalentTo(read.Append("OPENMU_MY_ADDRESS").Append("OPENMU_MODEL"));
        Deploy.Should().ContainAll("export OPENMU_WORKER_IMAGE=", "OPENMU_WEB_IMAGE=", "export OPENMU_WEB_ORIGIN");
    }

    [Fact]
    public void The_deployment_uses_every_output_and_no_other()
    {
        var outputs = compiled.Templates["main"]["outputs"]!.AsObject().Select(o => o.Key);
        var loop = OutputLoop().Match(Deploy).Groups["names"].Value.Split(' ');
        var used = OutputCall().Matches(Deploy).Select(m => m.Groups["name"].Value).Concat(loop).Distinct();

        used.Should().BeEquivalentTo(outputs);
    }

    [Fact]
    public void The_deployment_fills_in_every_name_in_the_database_script()
    {
        var asked = SqlcmdVariable().Matches(Checkout.Read("infra/catalogue-users.sql"))
            .Select(m => m.Groups["name"].Value).Distinct();

        asked.Should().BeEquivalentTo(OutputLoop().Match(Deploy).Groups["names"].Value.Split(' '));
    }

    [Fact]
    public void The_database_script_is_sound_Transact_SQL()
    {
        var text = SqlcmdVariable().Replace(
            Checkout.Read("infra/catalogue-users.sql"), "00000000-0000-0000-0000-000000000000");

        new TSql170Parser(initialQuotedIdentifiers: true, SqlEngineType.SqlAzure).Parse(
            new StringReader(text), out var errors);

        errors.Should().BeEmpty();
    }

    [Fact]
    public void Rights_are_given_on_tables_that_the_catalogue_has()
    {
        using var db = new CatalogueDbFactory(new CatalogueSettings
        {
            Provider = CatalogueProvider.SqlServer,
            ConnectionString = "Server=nowhere;Database=catalogue",
        }).CreateDbContext();
        var tables = db.Model.GetEntityTypes().Select(type => type.GetTableName()).OfType<string>().Distinct();

        Right().Matches(Checkout.Read("infra/catalogue-users.sql")).Select(m => m.Groups["table"].Value).Distinct()
            .Should().NotBeEmpty().And.BeSubsetOf(tables);
    }

    [Fact]
    public void The_page_about_costs_says_what_is_computed()
    {
        var page = Checkout.Read("docs/azure-costs.md");

        foreach (string[] call in (string[][])[["../infra/costs.sh"], ["../infra/costs.sh", "--month"]])
        {
            var (exitCode, output) = Checkout.Run("bash", call);
            exitCode.Should().Be(0);
            page.Should().Contain(output);
        }
    }

    [Fact]
    public void Workers_are_added_by_the_throughput_that_costs_are_computed_with()
    {
        var (_, tracks) = Checkout.Run("bash", "../infra/costs.sh");
        var computed = Throughput().Matches(tracks).Select(m => m.Groups["hour"].Value);

        computed.Should().Contain(compiled.Templates["worker"]["variables"]!["machines"]!.AsObject()
            .Select(machine => machine.Value!["tracksPerHour"]!.ToString()));
    }

    [Fact]
    public void A_plan_needs_no_Azure_and_ends_with_a_sum()
    {
        var (exitCode, output) = Checkout.Run("bash", "../infra/deploy.sh", "--plan");

        exitCode.Should().Be(0);
        output.Should().Contain("model openmu-tiny").And.Contain("| all | | ");
    }

    [Fact]
    public void The_worker_is_given_longer_to_end_than_it_takes()
    {
        var takes = int.Parse(
            ShutdownTimeout().Match(Checkout.Read("src/OpenMU.Worker/Program.cs")).Groups["seconds"].Value,
            CultureInfo.InvariantCulture);
        var given = int.Parse(
            Grace().Match(Checkout.Read("bicep/worker.bicep")).Groups["seconds"].Value, CultureInfo.InvariantCulture);

        given.Should().BeGreaterThan(takes).And.BeLessThanOrEqualTo(600, "that is the most that Azure allows");
    }

    [Fact]
    public void A_migration_leaves_the_code_before_it_working()
    {
        // What is dropped or renamed now, the code that still runs would miss: it goes with a later release.
        var later = Directory.GetFiles(
            Path.Combine(Checkout.Root, "src/OpenMU.Catalogue/Storage/SqlServer/Migrations"), "2*.cs")
            .Where(file => !file.EndsWith("_Initial.cs", StringComparison.Ordinal)
                && !file.EndsWith(".Designer.cs", StringComparison.Ordinal))
            .Select(File.ReadAllText).Select(text => text.Split("void Down(")[0]);

        later.Where(up => Breaking().IsMatch(up)).Should().BeEmpty();
    }

    [Fact]
    public void Event_Grid_calls_a_function_that_exists()
    {
        var name = FunctionName().Match(Checkout.Read("bicep/events.bicep")).Groups["name"].Value;

        Checkout.Read("src/OpenMU.Functions/Host/Triggers.cs").Should().Contain($"[Function(nameof({name}))]");
    }

    [GeneratedRegex(@"N'\$\(\w+\)', N'[A-Z, ]+', N'(?<table>\w+)'")]
    private static partial Regex Right();

    [GeneratedRegex(@"\| (?<hour>\d+) \| [\d.]+ \| [\d.]+ \|$", RegexOptions.Multiline)]
    private static partial Regex Throughput();

    [GeneratedRegex(@"ShutdownTimeout = TimeSpan\.FromSeconds\((?<seconds>\d+)\)")]
    private static partial Regex ShutdownTimeout();

    [GeneratedRegex(@"terminationGracePeriodSeconds: (?<seconds>\d+)")]
    private static partial Regex Grace();

    [GeneratedRegex(@"\b(Drop|Rename)(Column|Table)\b")]
    private static partial Regex Breaking();

    /// <summary>COPY from the build context, not from another stage.</summary>
    [GeneratedRegex(@"^COPY (?!--from)(?<paths>.+)$", RegexOptions.Multiline)]
    private static partial Regex CopiedFromContext();

    [GeneratedRegex(@"\bdotnet publish (?<project>\S+)")]
    private static partial Regex Published();

    [GeneratedRegex("OPENMU_[A-Z_]+")]
    private static partial Regex Variable();

    [GeneratedRegex(@"\$\(output (?<name>[A-Z_]+)\)")]
    private static partial Regex OutputCall();

    [GeneratedRegex("for name in (?<names>[A-Z_ ]+);")]
    private static partial Regex OutputLoop();

    [GeneratedRegex(@"\$\((?<name>[A-Z_]+)\)")]
    private static partial Regex SqlcmdVariable();

    [GeneratedRegex(@"functionName=Host\.Functions\.(?<name>\w+)&")]
    private static partial Regex FunctionName();
}
