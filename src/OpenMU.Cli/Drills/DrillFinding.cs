namespace OpenMU.Cli.Drills;

/// <summary>What is wrong when the books of a round are closed.</summary>
internal enum DrillWrong
{
    /// <summary>A file without a track, or one whose job did not end.</summary>
    Lost,

    /// <summary>More than one track, job or analysis of a file, or an analysis that was made again.</summary>
    Doubled,

    /// <summary>Another end than the file's truth, tries that were charged for the machine's fault, a message left
    /// over, or a program that ended as it should not.</summary>
    WronglyEnded,
}

/// <summary>One thing that is wrong.</summary>
/// <param name="Wrong">Which kind.</param>
/// <param name="Subject">The file, queue or program.</param>
/// <param name="What">In words.</param>
internal sealed record DrillFinding(DrillWrong Wrong, string Subject, string What);

/// <summary>A round's line of the table.</summary>
/// <param name="Fault">Its name.</param>
/// <param name="Trials">How often the fault was made.</param>
/// <param name="Files">How many files were in the round.</param>
/// <param name="Findings">All that is wrong.</param>
/// <param name="Seconds">How long the round took.</param>
/// <param name="Skipped">Why the round could not be held here; null if it was.</param>
internal sealed record DrillRow(
    string Fault, int Trials, int Files, IReadOnlyList<DrillFinding> Findings, double Seconds, string? Skipped = null)
{
    public int Count(DrillWrong wrong) => Findings.Count(finding => finding.Wrong == wrong);
}
