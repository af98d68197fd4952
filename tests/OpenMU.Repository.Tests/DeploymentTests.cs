using System.Text.RegularExpressions;
using Microsoft.SqlServer.TransactSql.ScriptDom;

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
    [InlineData("infra/worker.Dockerfile")]
    [InlineData("infra/web.Dockerfile")]
    [InlineData("infra/deploy.sh")]
    public void A_program_is_published_with_the_globalisation_that_SqlClient_demands(string file) =>
        Checkout.ReadLines(file).Where(line => Published().IsMatch(line))
            .Should().ContainSingle().Which.Should().Contain("-p:InvariantGlobalization=false");

    [Theory]
    [InlineData("deploy.sh")]
    [InlineData("smoke.sh")]
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
        // The images are the script's own: it builds them between the two passes.
        var read = Variable().Matches(Checkout.Read("bicep/main.bicepparam"))
            .Select(m => m.Value)
            .Except(["OPENMU_WORKER_IMAGE", "OPENMU_WEB_IMAGE"]);
        var (_, usage) = Checkout.Run("bash", "../infra/deploy.sh", "--help");

        Variable().Matches(usage).Select(m => m.Value).Distinct()
            .Should().BeEquivalentTo(read.Append("OPENMU_MY_ADDRESS"));
        Deploy.Should().ContainAll("export OPENMU_WORKER_IMAGE=", "OPENMU_WEB_IMAGE=");
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
            .Select(m => m.Groups["name"].Value);

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
    public void Event_Grid_calls_a_function_that_exists()
    {
        var name = FunctionName().Match(Checkout.Read("bicep/events.bicep")).Groups["name"].Value;

        Checkout.Read("src/OpenMU.Functions/Host/Triggers.cs").Should().Contain($"[Function(nameof({name}))]");
    }

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
