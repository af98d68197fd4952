using System.Diagnostics;

namespace OpenMU.Training.Synthesis;

/// <summary>Runs one of the programs that make the clips.</summary>
internal static class ExternalProgram
{
    /// <summary>Runs to the end; a cancelled run is killed.</summary>
    /// <returns>Exit code, and all that it printed.</returns>
    /// <exception cref="InvalidOperationException">The program is not installed.</exception>
    public static async Task<(int Code, string Output)> RunAsync(
        string program, IEnumerable<string> arguments, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true
        };
        using var process = Started(start);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancel);
        var errors = process.StandardError.ReadToEndAsync(cancel);
        try
        {
            await process.WaitForExitAsync(cancel);
            return (process.ExitCode, await output + await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static Process Started(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new InvalidOperationException(
                $"{start.FileName} could not be started: install it, or put it on the PATH.", missing);
        }
    }
}
