namespace OpenMU.Cli;

/// <summary>How the program ends, the same for every verb.</summary>
internal static class ExitCode
{
    public const int Done = 0, NotDone = 1, Usage = 2, Rejected = 3, Defect = 70, Interrupted = 130;

    /// <summary>What each code means, for the help.</summary>
    public static readonly IReadOnlyList<(int Code, string Meaning)> All =
    [
        (Done, "Done."),
        (NotDone, "Something could not be done: a file or a job failed, a program or a model is missing. Lines on stderr say what."),
        (Usage, "The command line is wrong, or names something that does not exist; nothing was done."),
        (Rejected, "Only `up --once`: no file failed, but some were rejected."),
        (Defect, "A defect of this program; stderr has a stack trace."),
        (Interrupted, "Interrupted by Ctrl-C or SIGTERM (`up` without --once then ends with 0)."),
    ];
}
