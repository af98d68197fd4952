using System.Diagnostics;

namespace OpenMU.Repository.Tests;

/// <summary>
/// infra/deploy.sh from its first step to its last, with stand-ins for az and the other programs, which note what they
/// are told and answer as theirs would. What Azure makes of it is not tested.
/// </summary>
public sealed class DeploymentRunTests : IDisposable
{
    // Notes every call. Fails where FAIL is the beginning of the call, keeps the group's tags, answers questions.
    private const string Az = """
        printf 'az %s\n' "$*" >>"$FAKES/calls"
        [ -z "${FAIL:-}" ] || [[ "$*" != $FAIL* ]] || exit 1
        case "$*" in
          "deployment group show "*) sed -E 's/.*outputs\.([A-Z_]+)\.value.*/\1/' <<<"$*" ;;
          "group show "*) name=$(sed -E 's/.*tags\.(\w+).*/\1/' <<<"$*"); cat "$FAKES/tag-$name" 2>/dev/null || true ;;
          "group update "*) pair=$(sed -E 's/.*tags\.(\S+).*/\1/' <<<"$*"); printf '%s' "${pair#*=}" >"$FAKES/tag-${pair%%=*}" ;;
          "functionapp keys list "*) echo key ;;
        esac
        """;

    private const string Dotnet = """
        printf 'dotnet %s\n' "$*" >>"$FAKES/calls"
        while [ $# -gt 0 ]; do
          case $1 in
            -o) case $2 in *.sql) echo "-- nothing" >"$2" ;; *) mkdir -p "$2/.azurefunctions" ;; esac; shift ;;
            inspect) echo "version   openmu-tiny-0123456789ab" ;;
          esac
          shift
        done
        """;

    private const string Git = """
        printf 'git %s\n' "$*" >>"$FAKES/calls"
        case "$*" in
          *rev-parse*) cat "$FAKES/commit" ;;
          *"worktree add"*) mkdir -p "${@: -2:1}" ;;
        esac
        """;

    private readonly string fakes = Directory.CreateTempSubdirectory("openmu-deploy-").FullName;

    public DeploymentRunTests()
    {
        Fake("az", Az);
        Fake("dotnet", Dotnet);
        Fake("git", Git);
        Fake("zip", """touch "$3" """);
        Fake("sqlcmd", """printf 'sqlcmd %s\n' "$*" >>"$FAKES/calls" """);
        Commit("aaaaaaaaaaaa");
    }

    public void Dispose() => Directory.Delete(fakes, recursive: true);

    [Fact]
    public void A_first_deployment_brings_model_and_schema_before_the_code_that_needs_them()
    {
        Deploy().Should().Be(0);

        Order(
            "dotnet publish", "az deployment group create -g music -n openmu -p",
            "az storage blob upload-batch", "az storage blob upload --account-name",
            "az acr build", "az sql server firewall-rule create", "sqlcmd", "az deployment group create -g music -n openmu -p",
            "az functionapp deployment source config-zip", "az deployment group create -g music -n openmu-events",
            "az sql server firewall-rule delete");
        Calls().Should().ContainSingle(call => call.StartsWith("az storage blob upload --account-name")
            && call.Contains("-n openmu-tiny/SHA256SUMS"));
        File.ReadAllText(Path.Combine(fakes, "tag-openmuRuns")).Should().Be("aaaaaaaaaaaa");
    }

    [Fact]
    public void It_asks_for_no_right_on_the_subscription()
    {
        Deploy().Should().Be(0);

        // With "az group" only the group's own tags are read and written.
        Calls().Where(call => call.StartsWith("az ")).Select(call => string.Join(' ', call.Split(' ')[1..3])).Distinct()
            .Should().BeSubsetOf(
                ["deployment group", "storage blob", "acr build", "acr update", "acr repository", "sql server",
                 "group show", "group update", "functionapp deployment", "functionapp keys"]);
        Calls().Where(call => call.StartsWith("az ") && !call.StartsWith("az storage blob") && !call.Contains(" music"))
            .Should().OnlyContain(call => call.StartsWith("az acr build"));
    }

    [Theory]
    [InlineData("storage blob upload-batch")]
    [InlineData("acr build")]
    [InlineData("functionapp deployment")]
    public void What_stopped_goes_on_where_it_stopped(string step)
    {
        Deploy(fail: step).Should().NotBe(0);
        if (step == "functionapp deployment") Calls()[^1].Should().StartWith("az sql server firewall-rule delete");
        File.Delete(Path.Combine(fakes, "calls"));

        Deploy().Should().Be(0);

        Calls().Should().NotContain(call => call.StartsWith("dotnet publish"));
        Calls().Should().Contain(call => call.StartsWith("az functionapp deployment source config-zip"));
        Calls().Any(call => call.StartsWith("az acr build")).Should().Be(step != "functionapp deployment");
        Calls().Any(call => call.StartsWith("az storage blob upload-batch")).Should().Be(step == "storage blob upload-batch");
    }

    [Fact]
    public void A_rollback_brings_back_images_and_functions_of_before_and_leaves_the_database_alone()
    {
        Deploy().Should().Be(0);
        Commit("bbbbbbbbbbbb");
        Deploy().Should().Be(0);
        File.Delete(Path.Combine(fakes, "calls"));

        Deploy("--rollback").Should().Be(0);

        Calls().Should().NotContain(call => call.StartsWith("sqlcmd") || call.StartsWith("az acr build"));
        Calls().Should().Contain(call => call.StartsWith("az acr repository show") && call.Contains("openmu-web:aaaaaaaaaaaa"));
        File.ReadAllText(Path.Combine(fakes, "tag-openmuRuns")).Should().Be("aaaaaaaaaaaa");
        Calls().Should().Contain(call => call.StartsWith("az functionapp deployment source config-zip")
            && call.Contains("/aaaaaaaaaaaa/functions.zip"));
    }

    [Fact]
    public void Without_a_deployment_before_there_is_nothing_to_roll_back_to() =>
        Deploy("--rollback").Should().Be(1);

    [Theory]
    [InlineData("Consumption", "4", "takes 4 GiB and Consumption has room for 3")]
    [InlineData("Consumption-GPU-NC8as-T4", "17", "takes 17 GiB and Consumption-GPU-NC8as-T4 has room for 13")]
    [InlineData("Consumption-GPU-NC24-A100", "17", "do not fit on a worker's disk of 8 GiB beside downloads")]
    public void A_model_that_does_not_fit_is_refused_before_anything_is_made(string profile, string gib, string reason)
    {
        var model = Directory.CreateDirectory(Path.Combine(fakes, "large")).FullName;
        File.WriteAllText(Path.Combine(model, "config.json"), "{}");
        // As long as it should be, without taking the room.
        using (var weights = File.Create(Path.Combine(model, "model.safetensors")))
            weights.SetLength((long.Parse(gib, System.Globalization.CultureInfo.InvariantCulture) << 30) - 100);

        Deploy(error => error.Should().Contain(reason), ("OPENMU_MODEL", model), ("OPENMU_WORKER_PROFILE", profile))
            .Should().Be(1);

        File.Exists(Path.Combine(fakes, "calls")).Should().BeFalse();
    }

    private int Deploy(string? option = null, string? fail = null) => Run(option, fail, null);

    private int Deploy(Action<string> error, params (string, string)[] choices) => Run(null, null, error, choices);

    private int Run(string? option, string? fail, Action<string>? error, params (string Name, string Value)[] choices)
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(Checkout.Root, "infra", "deploy.sh"), "music"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        if (option is not null) start.ArgumentList.Add(option);
        foreach (var (name, value) in (ReadOnlySpan<(string, string)>)
            [("OPENMU_ADMIN_GROUP", "admins"), ("OPENMU_ADMIN_GROUP_ID", "id"), ("OPENMU_ALERT_EMAIL", "a@example.org"),
             ("OPENMU_MY_ADDRESS", "192.0.2.1"), ("OPENMU_ALLOWED_RANGES", "192.0.2.0/24"), ("OPENMU_PAUSE", "0"),
             ("FAKES", fakes), ("FAIL", fail ?? ""), ("XDG_STATE_HOME", Path.Combine(fakes, "state")),
             ("PATH", $"{fakes}:{Environment.GetEnvironmentVariable("PATH")}"), .. choices])
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        output.Wait();
        error?.Invoke(said);
        return process.ExitCode;
    }

    private void Order(params string[] beginnings)
    {
        var rest = Calls().AsEnumerable();
        foreach (var beginning in beginnings)
        {
            rest = rest.SkipWhile(call => !call.StartsWith(beginning));
            rest.Should().NotBeEmpty($"there is {beginning}, in its place");
        }
    }

    private string[] Calls() => File.ReadAllLines(Path.Combine(fakes, "calls"));

    private void Commit(string hash) => File.WriteAllText(Path.Combine(fakes, "commit"), hash + "\n");

    private void Fake(string name, string script)
    {
        var path = Path.Combine(fakes, name);
        File.WriteAllText(path, $"#!/usr/bin/env bash\nset -euo pipefail\n{script}\n");
        using var chmod = Process.Start("chmod", ["+x", path]);
        chmod.WaitForExit();
    }
}
