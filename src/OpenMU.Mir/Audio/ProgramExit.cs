namespace OpenMU.Mir.Audio;

/// <summary>What the end of ffmpeg or ffprobe means.</summary>
internal static class ProgramExit
{
    private const int NotExecutable = 126, NotFound = 127, FirstSignal = 128, LastSignal = 159;

    // ffmpeg catches the polite signals and ends with one of these.
    private const int InterruptedByManySignals = 123, Interrupted = 255;
    private const int Quit = 3, Illegal = 4, Trap = 5, Abort = 6, Bus = 7, FloatingPoint = 8, Segmentation = 11;
    private const int BadSystemCall = 31, Kill = 9;

    /// <summary>Out of processor time, which <c>prlimit</c> bounds as well.</summary>
    public const int OutOfProcessorTime = FirstSignal + 24;

    /// <summary>
    /// The machine's fault if there is one; null if the program ended by itself, whatever it thought of the file.
    /// </summary>
    /// <param name="program">Its name.</param>
    /// <param name="exitCode">128 and the number of the signal where one ended it.</param>
    /// <param name="errors">What it said.</param>
    public static DecoderUnavailableException? MachineFault(string program, int exitCode, string errors) =>
        Fault(exitCode, errors) is var (fault, what)
            ? new DecoderUnavailableException(fault, $"{program} {what}.", errors)
            : null;

    private static (DecoderFault Fault, string What)? Fault(int exitCode, string errors)
    {
        bool Says(string words) => errors.Contains(words, StringComparison.Ordinal);
        return exitCode switch
        {
            0 => null,
            NotExecutable => (DecoderFault.NotInstalled, "may not be run"),
            NotFound when Says("shared librar") => (DecoderFault.NotInstalled, "cannot load its libraries"),
            NotFound when Says("symbol lookup") => (DecoderFault.NotInstalled, "does not fit its libraries"),
            NotFound => (DecoderFault.NotInstalled, "is not installed"),
            Interrupted or InterruptedByManySignals => (DecoderFault.Killed, "was asked to stop"),
            > FirstSignal and <= LastSignal => Signal(exitCode - FirstSignal),
            _ when errors.StartsWith("prlimit:", StringComparison.Ordinal) =>
                (DecoderFault.NotStarted, "could not be started within its limits"),
            _ when Says("pthread_create") => (DecoderFault.NotStarted, "could not start a thread"),
            _ when Says("Too many open files") => (DecoderFault.NotStarted, "could not open its files"),
            _ => null,
        };
    }

    private static (DecoderFault Fault, string What) Signal(int signal) => signal switch
    {
        Kill => (DecoderFault.Killed, "was killed"),
        Quit or Illegal or Trap or Abort or Bus or FloatingPoint or Segmentation or BadSystemCall =>
            (DecoderFault.Crashed, $"crashed (signal {signal})"),
        _ => (DecoderFault.Killed, $"was ended by signal {signal}"),
    };
}
