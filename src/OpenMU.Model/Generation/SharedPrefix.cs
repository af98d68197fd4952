using OpenMU.Model.Families;

namespace OpenMU.Model.Generation;

/// <summary>
/// Prompts with a common prefix up to and with the last track's music. In the published format these are all questions
/// about the same tracks, and the prefix is most of each prompt.
/// </summary>
/// <param name="Prefix">What they share; empty for prompts that share nothing.</param>
/// <param name="Members">Each prompt's index among all prompts, and the rest of it.</param>
internal sealed record SharedPrefix(MusicPrompt Prefix, IReadOnlyList<(int Index, MusicPrompt Suffix)> Members)
{
    /// <summary>
    /// Every prompt is in one group. Those whose prefix no other prompt has are together in a group with an empty one.
    /// </summary>
    public static IReadOnlyList<SharedPrefix> Group(IReadOnlyList<MusicPrompt> prompts)
    {
        var (groups, singles) = (new List<SharedPrefix>(), new List<(int, MusicPrompt)>());
        foreach (var group in Enumerable.Range(0, prompts.Count).GroupBy(index => KeyOf(prompts[index])))
        {
            // A prefix that only one prompt has is not worth a forward pass of its own.
            if (group.Key.Length == 0 || group.Count() == 1)
            {
                singles.AddRange(group.Select(index => (index, prompts[index])));
                continue;
            }
            var first = prompts[group.First()];
            groups.Add(new(
                new([.. first.Ids.Take(PrefixLength(first))], first.Music),
                [.. group.Select(index =>
                    (index, new MusicPrompt([.. prompts[index].Ids.Skip(PrefixLength(first))], [])))]));
        }
        if (singles.Count > 0) groups.Add(new(new([], []), singles));
        return groups;
    }

    /// <summary>
    /// Ids up to and with the last track's. 0 without music, and where nothing follows it: the rest must give the
    /// logits of the first token.
    /// </summary>
    private static int PrefixLength(MusicPrompt prompt)
    {
        var length = prompt.Ids.Count;
        while (length > 0 && prompt.Ids[length - 1] != ModelConfig.MusicToken) length--;
        return length < prompt.Ids.Count ? length : 0;
    }

    /// <summary>Equal for prompts whose prefixes have the same ids and the very same music tensors.</summary>
    private static string KeyOf(MusicPrompt prompt) => PrefixLength(prompt) is var length && length == 0
        ? ""
        : $"{string.Join(',', prompt.Ids.Take(length))};{string.Join(',', prompt.Music.Select(music => music.Handle))}";
}
