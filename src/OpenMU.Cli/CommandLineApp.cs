using System.CommandLine;
using System.CommandLine.Help;
using System.Data.Common;
using Azure;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Storage;
using OpenMU.Mir.Audio;
using OpenMU.ServiceDefaults;

namespace OpenMU.Cli;

/// <summary>The command line: every verb, its help, and how each kind of end is told.</summary>
internal static class CommandLineApp
{
    // The system at home lets go of its tracks and has its storage saved.
    private static readonly TimeSpan TimeToStop = TimeSpan.FromSeconds(30);

    /// <summary>All verbs.</summary>
    public static RootCommand Root()
    {
        var root = new RootCommand("OpenMU: measures, tags and describes music, and keeps a catalogue of it.")
        {
            Up.Command(),
            Analyse.Command(),
            Ask.Command(),
            LyricsVerbs.Command(),
            Import.Command(),
            Costs.Command(),
            Status.Command(),
            Search.Command(),
            Export.Command(),
            WriteTags.Command(),
            ShowTrack.Command(),
            ShowTrack.DuplicatesCommand(),
            SetFields.Command(),
            TagTracks.Command(),
            CorrectionsVerbs.Command(),
            SetFields.UndoCommand(),
            TaxonomyVerbs.Command(),
            LifeOfTracks.RetryCommand(),
            LifeOfTracks.DeleteCommand(),
            LifeOfTracks.MoveCommand(),
            DiffAnalyses.Command(),
            PublishAnalyses.PublishCommand(),
            PublishAnalyses.RollbackCommand(),
            Similar.Command(),
            Similar.PathCommand(),
            Redrive.Command(),
            Limits.Command(),
            TakeDownTrack.Command(),
            TenantsVerbs.Command(),
            KeysVerbs.Command(),
            AuditVerb.Command(),
            QuestionsVerbs.Command(),
            WebhooksVerbs.Command(),
            Drill.Command(),
            Measure.Command(),
            TrainHarmony.ChordsCommand(),
            TrainHarmony.KeyCommand(),
            TrainBeats.Command(),
            Synthesise.Command(),
            SynthesiseBeats.Command(),
            TrainSound.Command(),
            ScoreClips.Command(),
            TrainTagger.Command(),
            Annotate.Command(),
            Pull.Command(),
            Models.Command(),
            ConvertModel.Command(),
            InspectModel.Command(),
            RandomModel.Command(),
            Train.Command(),
            Calibrate.Command(),
            Evaluate.Command(),
            Contradictions.Command(),
            PublishedBenchmark.Command(),
            ListenTest.Command(),
            Studies.Command(),
            Completion.Command(),
        };
        // However it was started: as openmu, or as dotnet openmu.dll.
        root.HelpName = "openmu";
        foreach (var help in root.Options.OfType<HelpOption>())
        {
            if (help.Action is HelpAction usual) help.Action = new HelpWithExitCodes(usual);
        }

        return root;
    }

    /// <summary>Reads a command line.</summary>
    public static ParseResult Parse(string[] arguments) =>
        // A file may be called @home.mp3, and letters after one dash are no row of options.
        Root().Parse(
            arguments, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });

    /// <summary>Runs one verb. Usage errors and what a user can mend are lines on the error stream.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var parsed = Parse(arguments);
        // A shell asks how an unfinished line may go on, which is no error of the line.
        var isQuestion = parsed.Action is HelpWithExitCodes
            || (arguments is [var first, ..] && first.StartsWith("[suggest", StringComparison.Ordinal));
        if (!isQuestion && UsageErrors.Of(parsed) is { Count: > 0 } errors)
        {
            var hint = $"See `{UsageErrors.NameOf(parsed.CommandResult.Command)} --help`.";
            await SayAsync([.. errors.SkipLast(1), $"{errors[^1]} {hint}"]);
            return ExitCode.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = TimeToStop
            });
        }
        catch (Exception e)
        {
            return await EndAsync(e);
        }
    }

    private static async Task<int> EndAsync(Exception end)
    {
        switch (end)
        {
            case var _ when end is RequestFailedException || Outage.IsStorage(end):
                await SayAsync([$"The storage cannot be used: {Outage.FirstLine(end)}"]);
                return ExitCode.NotDone;
            case var _ when end is DbException or DbUpdateException:
                await SayAsync([$"The catalogue cannot be used: {Outage.FirstLine(end)}"]);
                return ExitCode.NotDone;
            case OperationCanceledException:
                return ExitCode.Interrupted;
            case UsageException:
                await SayAsync([end.Message]);
                return ExitCode.Usage;
            case InvalidOperationException or InvalidDataException or IOException or UnauthorizedAccessException
                or DecoderUnavailableException or InsufficientMemoryException:
                await SayAsync([end.Message]);
                return ExitCode.NotDone;
        }

        if (ServiceDefaultsExtensions.WrongSettings(end) is { } settings)
        {
            await SayAsync(settings);
            return ExitCode.NotDone;
        }

        if (IsWithoutTorch(end))
        {
            await SayAsync(["This openmu came without libtorch, which runs models: use that of a checkout or a container."]);
            return ExitCode.NotDone;
        }

        // What a user can mend is said in one line; anything else is a defect and shows its stack.
        await SayAsync([$"a defect: {end}"]);
        return ExitCode.Defect;
    }

    // As the installed tool is, which would be half a gigabyte with it.
    private static bool IsWithoutTorch(Exception? end) => end is not null
        && (end is DllNotFoundException
            || (end is NotSupportedException && end.Message.Contains("libtorch", StringComparison.OrdinalIgnoreCase))
            || IsWithoutTorch(end.InnerException));

    private static async Task SayAsync(IEnumerable<string> lines)
    {
        foreach (var line in lines) await Console.Error.WriteLineAsync($"openmu: {line}");
    }
}
