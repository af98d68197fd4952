using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Publishing;

/// <summary>
/// What would change if a model's analyses took the place of those that are shown, or of another model's.
/// </summary>
/// <param name="ModelVersion">The model whose analyses would be shown.</param>
/// <param name="Against">The model that they are compared with; null: what is shown now, whichever model it is from.
/// </param>
/// <param name="Tracks">Tracks that were looked at. Each is in one of the counts that follow.</param>
/// <param name="Changed">Those of which at least one field would change.</param>
/// <param name="Same">Those of which none would.</param>
/// <param name="Shown">Those that show the model's analysis already.</param>
/// <param name="Open">Those that the model has still to listen to.</param>
/// <param name="Failed">Those on which all tries failed.</param>
/// <param name="Rejected">Those whose files cannot be used.</param>
/// <param name="NotAskedFor">Those that the model was never asked to listen to, or the other one has not.</param>
/// <param name="Fields">Field by field, only those that change anywhere.</param>
/// <param name="Tempo">How tempi change.</param>
/// <param name="Key">How keys change.</param>
/// <param name="Tags">How tags change.</param>
/// <param name="Texts">How captions and descriptions change.</param>
/// <param name="Costs">What the model's analyses have cost, and what the rest would cost.</param>
public sealed record AnalysisDiff(
    string ModelVersion, string? Against, int Tracks, int Changed, int Same, int Shown, int Open, int Failed,
    int Rejected, int NotAskedFor, IReadOnlyList<FieldDiff> Fields, TempoDiff Tempo, KeyDiff Key, TagDiff Tags,
    TextDiff Texts, DiffCosts Costs);

/// <summary>How one field changes.</summary>
/// <param name="Field">Its name.</param>
/// <param name="Tracks">Tracks of which it changes: <paramref name="Appears"/> and <paramref name="Vanishes"/> among
/// them.</param>
/// <param name="Appears">Where nothing was known before.</param>
/// <param name="Vanishes">Where nothing is known after.</param>
/// <param name="Corrected">Where a person has put the field right, so that the change does not show.</param>
/// <param name="Examples">The first few.</param>
public sealed record FieldDiff(
    string Field, int Tracks, int Appears, int Vanishes, int Corrected, IReadOnlyList<DiffExample> Examples);

/// <summary>One track's field before and after.</summary>
/// <param name="TrackId">The track.</param>
/// <param name="FileName">Its file.</param>
/// <param name="Before">What is known now; null where nothing is, or for a list over time.</param>
/// <param name="After">What would be, likewise.</param>
public sealed record DiffExample(long TrackId, string FileName, string? Before, string? After);

/// <summary>How tempi change, of the tracks that have one before and after.</summary>
/// <param name="Within2Percent">Less than a listener would notice.</param>
/// <param name="Octave">Another reading of the same beat: double, half, three or a third.</param>
/// <param name="Other">All other changes.</param>
/// <param name="MeanChange">Beats a minute, of all that change; null where none does.</param>
public sealed record TempoDiff(int Within2Percent, int Octave, int Other, double? MeanChange);

/// <summary>How keys change, of the tracks that have one before and after.</summary>
/// <param name="Neighbour">To a neighbour on the Camelot wheel: a fifth away, or the relative key.</param>
/// <param name="Parallel">From major to minor of the same tonic, or back.</param>
/// <param name="Other">All other changes.</param>
public sealed record KeyDiff(int Neighbour, int Parallel, int Other);

/// <summary>How tags change.</summary>
/// <param name="MeanBefore">Tags a track before; null where no track was compared.</param>
/// <param name="MeanAfter">Tags a track after.</param>
/// <param name="Words">The tags that come and go most often.</param>
public sealed record TagDiff(double? MeanBefore, double? MeanAfter, IReadOnlyList<TagChange> Words);

/// <summary>How often a tag comes and goes.</summary>
/// <param name="Tag">The tag.</param>
/// <param name="Added">Tracks that get it.</param>
/// <param name="Removed">Tracks that lose it.</param>
public sealed record TagChange(string Tag, int Added, int Removed);

/// <summary>How captions and descriptions change.</summary>
/// <param name="Before">As they are.</param>
/// <param name="After">As they would be.</param>
public sealed record TextDiff(TextFigures Before, TextFigures After);

/// <summary>Captions and descriptions of the compared tracks.</summary>
/// <param name="Captions">Tracks that have a caption.</param>
/// <param name="MeanCaptionWords">Words of a caption; null where there is none.</param>
/// <param name="DroppedSentences">Sentences that were left out because measurements gave them the lie.</param>
/// <param name="WithoutWords">Tracks on which the model failed.</param>
public sealed record TextFigures(int Captions, double? MeanCaptionWords, int DroppedSentences, int WithoutWords);

/// <summary>What a model's analyses have cost, copies counted once.</summary>
/// <param name="Analyses">Those that are done.</param>
/// <param name="SoundSeconds">Sound in them.</param>
/// <param name="Work">Seconds of work by stage.</param>
/// <param name="WorkSeconds">All stages together.</param>
/// <param name="OpenAnalyses">Contents that are still to be analysed.</param>
/// <param name="OpenSoundSeconds">Sound in them, as far as their length is known.</param>
/// <param name="ExpectedWorkSeconds">What they will take at the same rate; null where nothing was done yet.</param>
public sealed record DiffCosts(
    int Analyses, double SoundSeconds, StageSeconds Work, double WorkSeconds, int OpenAnalyses, double OpenSoundSeconds,
    double? ExpectedWorkSeconds);
