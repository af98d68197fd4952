using OpenMU.Catalogue.Jobs;

namespace OpenMU.Cli.Drills;

/// <summary>One file of a drill and how it must end, whatever breaks meanwhile.</summary>
/// <param name="Name">Its name in the music folder.</param>
/// <param name="Truth">The end that is right.</param>
/// <param name="MostTries">The most tries that it may have been charged; a Failed one has had them all.</param>
internal sealed record DrillFile(string Name, JobState Truth, int MostTries);

/// <summary>What a fault does to one file, which carries a text that a stand-in for the decoder finds.</summary>
/// <param name="Text">The text in the file.</param>
/// <param name="Truth">How the file must end.</param>
/// <param name="MostTries">As in <see cref="DrillFile"/>.</param>
internal sealed record DrillMark(string Text, JobState Truth, int MostTries);
