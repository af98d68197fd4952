using System.Diagnostics;

namespace OpenMU.Cli.Tests;

public sealed class CompletionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("openmu expo", "export")]
    [InlineData("openmu export --for", "--format")]
    [InlineData("openmu export --format rekor", "rekordbox")]
    [InlineData("openmu completion z", "zsh")]
    public async Task A_real_bash_completes(string line, string expected)
    {
        var openmu = Path.Combine(AppContext.BaseDirectory, "openmu.dll");
        var words = line.Split(' ');
        var script = $$"""
            openmu() { dotnet '{{openmu}}' "$@"; }
            source <(openmu completion bash)
            COMP_LINE='{{line}}' COMP_POINT={{line.Length}} COMP_WORDS=({{string.Join(' ', words)}}) COMP_CWORD={{words.Length - 1}}
            _openmu_complete
            printf '%s\n' "$(complete -p openmu)" "$COMPREPLY"
            """;
        using var bash = Process.Start(new ProcessStartInfo("bash", ["--norc", "-c", script])
        {
            RedirectStandardOutput = true,
        })!;
        var output = (await bash.StandardOutput.ReadToEndAsync(Cancel)).Split('\n');
        output[0].Should().Be("complete -o filenames -F _openmu_complete openmu");
        output[1].Should().Be(expected);
    }

    [Theory]
    [InlineData("zsh", "#compdef openmu")]
    [InlineData("fish", "complete -c openmu")]
    public async Task Other_shells_have_scripts_too(string shell, string part) =>
        (await OpenMuProgram.RunAsync("completion", shell)).Output.Should().Contain(part);
}
