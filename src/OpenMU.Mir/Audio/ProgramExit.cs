namespace OpenMU.Mir.Audio;

/// <summary>What the end of ffmpeg or ffprobe means.</summary>
internal static class ProgramExit
{
    private const int NotExecutable = 126, NotFound = 127, FirstSignal = 128, LastSignal = 159;

    // ffmpeg catches the polite signals and ends with one of these.
    private const int InterruptedByManySignals = 123, Interrupted = 255;
    private const int Quit = 3, Illegal = 4, Trap = 5, Abort = 6, Bus = 7, FloatingPoint = 8, Kill = 9, Segmentation = 11, BadSystemCall = 31;

    /// <summary>Out of processor time, which <c>prlimit</c> bounds as well.</summary>
    public const int OutOfProcessorTime = FirstSignal + 24;

    /// <summary>The machine's fault if there is one; null if the program ended by itself, whatever it thought of the file.</summary>
    /// <param name="program">Its name.</param>
    /// <param name="exitCode">128 and the number of the signal where one ended it.</param>
    /// <param name="errors">What it said.</param>
    public static DecoderUnavailableException? MachineFault(string program, int exitCode, string errors)
    {
        DecoderUnavailableException Fault(DecoderFault fault, string what) => new(fault, $"{program} {what}.", errors);
        var signal = exitCode - FirstSignal;
        return exitCode switch
        {
            NotExecutable => Fault(DecoderFault.NotInstalled, "may not be run"),
            NotFound when errors.Contains("shared librar", StringComparison.Ordinal) => Fault(DecoderFault.NotInstalled, "cannot load its libraries"),
            NotFound when errors.Contains("symbol lookup", StringComparison.Ordinal) => Fault(DecoderFault.NotInstalled, "does not fit its libraries"),
            NotFound => Fault(DecoderFault.NotInstalled, "is not installed"),
            Interrupted or InterruptedByManySignals => Fault(DecoderFault.Killed, "was asked to stop"),
            > FirstSignal and <= LastSignal when signal is Quit or Illegal or Trap or Abort or Bus or FloatingPoint or Segmentation or BadSystemCall =>
                Fault(DecoderFault.Crashed, $"crashed (signal {signal})"),
            > FirstSignal and <= LastSignal => Fault(DecoderFault.Killed, signal == Kill ? "was killed" : $"was ended by signal {signal}"),
            not 0 when errors.StartsWith("prlimit:", StringComparison.Ordinal) => Fault(DecoderFault.NotStarted, "could not be started within its limits"),
            not 0 when errors.Contains("pthread_create", StringComparison.Ordinal) => Fault(DecoderFault.NotStarted, "could not start a thread"),
            not 0 when errors.Contains("Too many open files", StringComparison.Ordinal) => Fault(DecoderFault.NotStarted, "could not open its files"),
            _ => null,
        };
    }
}
