using System.Text.Json;

namespace OpenMU.Training.Evaluation.Listening;

/// <summary>
/// The page of a <see cref="ListeningTest"/>: one file beside a folder of sounds, which any browser opens from a disk or
/// from any web server. It sends nothing anywhere; what was chosen stays in the browser until it is saved as CSV.
/// </summary>
public static class ListeningPage
{
    /// <summary>Folder of the sounds beside the page.</summary>
    public const string SoundFolder = "sounds";

    private const string Trials = "/*trials*/";

    /// <summary>The page: texts and sounds in their places, and nothing of the systems.</summary>
    public static string Of(ListeningTest test)
    {
        using var template = new StreamReader(typeof(ListeningPage).Assembly.GetManifestResourceStream(
            "OpenMU.Training.Evaluation.Listening.page.html")!);
        // Its own escapes leave no sign that could end the script that holds it.
        var trials = JsonSerializer.Serialize(new
        {
            id = $"{test.Seed:x8}-{test.Trials.Count}",
            trials = test.Trials.Select(trial => new
            {
                number = trial.Number,
                sound = $"{SoundFolder}/{trial.SoundFile}",
                left = trial.Left,
                right = trial.Right,
            }),
        });
        return template.ReadToEnd().Replace(Trials, trials, StringComparison.Ordinal);
    }
}
