namespace OpenMU.Music;

/// <summary>A name of the vocabulary and the words by which texts mean it.</summary>
/// <param name="Name">As it stands in truths and tags.</param>
/// <param name="Words">All its spellings, the name itself first where texts use it; lower case.</param>
public sealed record Label(string Name, params string[] Words);
