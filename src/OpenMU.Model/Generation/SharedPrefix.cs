using OpenMU.Model.Families;

namespace OpenMU.Model.Generation;

/// <summary>
/// Prompts that begin alike, up to and with the last track's music. In the published format these are all questions about the same tracks, and what
/// they share is most of each.
/// </summary>
/// <param name="Prefix">What they share; empty for prompts that share nothing.</param>
/// <param name="Members">Each prompt's place among all prompts, and what is left of it.</param>
internal sealed record SharedPrefix(MusicPrompt Prefix, IReadOnlyList<(int Place, MusicPrompt Ending)> Members)
{
    /// <summary>Every prompt is in one family. Those that begin like no other are together in one whose prefix is empty.</summary>
    public static IReadOnlyList<SharedPrefix> Of(IReadOnlyList<MusicPrompt> prompts)
    {
        var (families, strangers) = (new List<SharedPrefix>(), new List<(int, MusicPrompt)>());
        foreach (var alike in Enumerable.Range(0, prompts.Count).GroupBy(place => Beginning(prompts[place])))
        {
            var first = prompts[alike.First()];
            // A beginning that a single prompt has is not worth a pass of its own.
            if (alike.Key.Length == 0 || alike.Count() == 1) strangers.AddRange(alike.Select(place => (place, prompts[place])));
            else families.Add(new(new([.. first.Ids.Take(Shared(first))], first.Music), [.. alike.Select(place => (place, new MusicPrompt([.. prompts[place].Ids.Skip(Shared(first))], [])))]));
        }
        if (strangers.Count > 0) families.Add(new(new([], []), strangers));
        return families;
    }

    /// <summary>Ids up to and with the last track's; 0 without music, or where nothing is left to read behind it, whence the first token is chosen.</summary>
    private static int Shared(MusicPrompt prompt)
    {
        var shared = prompt.Ids.Count;
        while (shared > 0 && prompt.Ids[shared - 1] != OpenMuConfig.MusicToken) shared--;
        return shared < prompt.Ids.Count ? shared : 0;
    }

    /// <summary>The same for prompts that begin with the same ids and the same tensors.</summary>
    private static string Beginning(MusicPrompt prompt)
        => Shared(prompt) is var shared && shared == 0 ? "" : $"{string.Join(',', prompt.Ids.Take(shared))};{string.Join(',', prompt.Music.Select(music => music.Handle))}";
}
