using System.Text.RegularExpressions;

namespace OpenMU.Music.Questions;

/// <summary>
/// Reads what a question asks for. What it does not understand it does not guess at: tags answer a question only where
/// every word of it is known ("Is the piano in tune?" is not about whether there is a piano), measurements where most
/// are and none asks for something else, such as how the tempo changes.
/// </summary>
public static partial class QuestionReader
{
    private static readonly (QuestionTopic Topic, Regex Words)[] Measured =
    [
        (QuestionTopic.Tempo, TempoWords()), (QuestionTopic.Key, KeyWords()), (QuestionTopic.Metre, MetreWords()),
        (QuestionTopic.Beats, BeatWords()), (QuestionTopic.Chords, ChordWords()),
        (QuestionTopic.LoudnessRange, RangeWords()), (QuestionTopic.Loudness, LoudnessWords()),
        (QuestionTopic.Duration, DurationWords()),
    ];

    private static readonly (QuestionTopic Topic, IReadOnlyList<NamedSound> Names, Regex General)[] Tagged =
    [
        (QuestionTopic.Instruments, QuestionWords.Instruments, InstrumentWords()),
        (QuestionTopic.Genre, QuestionWords.Genres, GenreWords()),
        (QuestionTopic.Mood, QuestionWords.Moods, MoodWords()),
    ];

    /// <summary>The parts of a question in their order, at least one.</summary>
    public static IReadOnlyList<QuestionPart> Read(string question)
    {
        var parts = new List<QuestionPart>();
        foreach (var clause in Clauses(question))
        {
            foreach (var part in PartsOf(clause))
                if (!parts.Exists(other => other.Topic == part.Topic && other.Topic != QuestionTopic.Instruments))
                    parts.Add(part);
        }

        return parts.Count > 0 ? parts : [new QuestionPart(QuestionTopic.Other, QuestionForm.Open, question)];
    }

    /// <summary>The question's clauses, each of which may ask for one thing, without contractions.</summary>
    internal static IEnumerable<string> Clauses(string question) =>
        ClauseEnd().Split(Expanded(question)).Select(clause => clause.Trim()).Where(clause => clause.Length > 0);

    /// <summary>The parts of a clause; none where it asks for nothing.</summary>
    internal static IEnumerable<QuestionPart> PartsOf(string clause)
    {
        var text = clause.ToLowerInvariant();
        if (FollowUp().IsMatch(text) || !QuestionWords.Word().IsMatch(text)) return [];
        var form = FormOf(text);
        QuestionPart Part(QuestionTopic topic) => new(topic, form, clause) { IsNegated = Negation().IsMatch(text) };
        if (AboutItsMaking().IsMatch(text)) return [Part(QuestionTopic.Other)];
        if (LyricsWords().IsMatch(text)) return [Part(QuestionTopic.Lyrics)];
        if (VoiceWords().IsMatch(text) && !text.Contains("choir", StringComparison.Ordinal))
            return [Part(QuestionTopic.Voice)];
        var measured = MeasuredParts(clause, text);
        var tagged = TaggedParts(clause, text, form, measured);
        if (measured.Count > 0)
        {
            return measured.Select(topic => Part(topic) with { Form = measured.Count > 1 ? QuestionForm.Open : form })
                .Concat(tagged.Where(part => part.Form != QuestionForm.Premise));
        }

        if (tagged.Count > 0) return tagged;
        if (Freely(text) is { } topic) return [Part(topic)];
        return form == QuestionForm.Open && !Asks(clause, text) ? [] : [Part(QuestionTopic.Other)];
    }

    private static List<QuestionTopic> MeasuredParts(string clause, string text)
    {
        var topics = Measured.Where(topic => topic.Words.IsMatch(text)).Select(topic => topic.Topic).ToList();
        // "How loud" and "dynamic range" both speak of loudness, "beats per bar" of beats.
        if (topics.Contains(QuestionTopic.LoudnessRange)) topics.Remove(QuestionTopic.Loudness);
        if (topics.Contains(QuestionTopic.Metre)) topics.Remove(QuestionTopic.Beats);
        if (topics.Count == 0) return topics;
        var purpose = Purpose().Replace(text, " ");
        var unknown = QuestionWords.Unknown(purpose, topics);
        var isVague = topics.TrueForAll(topic =>
            topic is QuestionTopic.Loudness or QuestionTopic.LoudnessRange or QuestionTopic.Duration);
        return AsksMore().IsMatch(purpose) || HasProperName(clause) || (isVague && unknown.Count > 0)
            || 2 * unknown.Count >= Math.Max(2, QuestionWords.Word().Count(purpose))
            ? []
            : topics;
    }

    private static List<QuestionPart> TaggedParts(
        string clause, string text, QuestionForm form, List<QuestionTopic> beside)
    {
        // Waltz time is a metre, whatever the genre.
        var rest = beside.Contains(QuestionTopic.Metre) ? text.Replace("waltz time", " ", StringComparison.Ordinal) : text;
        var found = new List<QuestionPart>();
        foreach (var (topic, names, general) in Tagged)
        {
            var named = QuestionWords.Take(names, ref rest);
            // "How fast does it feel?" asks for no mood.
            var isAsked = general.IsMatch(text) && (beside.Count == 0 || IsAskedFor(topic, text));
            if (named.Count == 0 && !isAsked) continue;
            found.Add(new QuestionPart(topic, form, clause) { Names = named, IsNegated = Negation().IsMatch(text) });
        }

        if (beside.Count == 0 && text.Contains("danc", StringComparison.Ordinal) && form != QuestionForm.Premise
            && QuestionWords.Unknown(rest, QuestionTopic.Dance).Count == 0)
        {
            return [new QuestionPart(QuestionTopic.Dance, form, clause)];
        }
        // "style of music" is about a genre, "kind of instrument" about instruments.
        if (found.Count > 1) found.RemoveAll(part => part.Names.Count == 0 && !IsAskedFor(part.Topic, text));
        if (found.Count == 0) return found;
        var isUnderstood = QuestionWords.Unknown(rest, found.Select(part => part.Topic).Concat(beside)).Count == 0
            && !HasProperName(clause);
        if (isUnderstood && form != QuestionForm.Premise && found.TrueForAll(part => Fits(part, text)))
            return [.. found.Select(part => part with { Form = FormOf(part, text) })];
        // Not understood, but if what it takes for given is not there, that can be said.
        found.RemoveAll(part => part.Topic != QuestionTopic.Instruments || part.Names.Count == 0);
        return [.. found.Select(part => part with { Form = QuestionForm.Premise })];
    }

    private static bool IsAskedFor(QuestionTopic topic, string text) => topic switch
    {
        QuestionTopic.Instruments => InstrumentWords().IsMatch(text),
        QuestionTopic.Genre => text.Contains("genre", StringComparison.Ordinal) || text.Contains("style", StringComparison.Ordinal),
        _ => text.Contains("mood", StringComparison.Ordinal) || text.Contains("atmosphere", StringComparison.Ordinal),
    };

    // "What does the piano play?" asks for more than whether there is one.
    private static bool Fits(QuestionPart part, string text) =>
        part.Names.Count == 0 || part.Form is QuestionForm.YesNo or QuestionForm.Choice
        || !AsksForMoreThanOne().IsMatch(text);

    private static QuestionForm FormOf(QuestionPart part, string text) =>
        part.Names.Count == 0 ? QuestionForm.Open
        : part.Names.Count > 1 && text.Contains(" or ", StringComparison.Ordinal) ? QuestionForm.Choice
        : QuestionForm.YesNo;

    private static QuestionForm FormOf(string text)
    {
        if (Reason().IsMatch(text)) return QuestionForm.Premise;
        if (Whether().IsMatch(text)) return QuestionForm.YesNo;
        var core = Politeness().Replace(text, "");
        if (!YesOrNo().IsMatch(core)) return QuestionForm.Open;
        return core.Contains(" or ", StringComparison.Ordinal) && !core.Contains(" or not", StringComparison.Ordinal)
            ? QuestionForm.Choice
            : QuestionForm.YesNo;
    }

    private static QuestionTopic? Freely(string text)
    {
        if (UseOfChoice().IsMatch(text)) return QuestionTopic.Use;
        if (Differs().IsMatch(text))
        {
            var rest = text;
            if (QuestionWords.Take(QuestionWords.Genres, ref rest).Count > 0) return QuestionTopic.Comparison;
        }

        return DescriptionWords().IsMatch(text) && QuestionWords.Unknown(text, QuestionTopic.Description).Count == 0
            ? QuestionTopic.Description
            : null;
    }

    private static bool Asks(string clause, string text) => clause.EndsWith('?') || AsksForMoreThanOne().IsMatch(text);

    // A name makes a question one about somebody or something else.
    private static bool HasProperName(string clause) =>
        clause.Any(char.IsLower) && QuestionWords.Word().Matches(clause).Skip(1).Any(word =>
            word.Length > 2 && char.IsUpper(word.Value[0]) && !IsOwnWord(word.Value.ToLowerInvariant()));

    private static bool IsOwnWord(string word) =>
        QuestionWords.IsKnown(word) || Measured.Any(topic => topic.Words.IsMatch(word))
        || Tagged.Any(topic => topic.Names.Any(name => name.Word.Contains(word, StringComparison.Ordinal)));

    private static string Expanded(string question)
    {
        var text = Spaces().Replace(question.Replace('’', '\''), " ");
        text = Contracted().Replace(text, match => match.Groups["not"].Success ? " not" : " is");
        return Regex.Replace(text, @"\bca not\b", "can not", RegexOptions.IgnoreCase);
    }

    [GeneratedRegex(@"[^\S\n]+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"(?<not>n't)\b|(?<=\b(?:what|which|how|where|who|it|that|there|here))'s\b", RegexOptions.IgnoreCase)]
    private static partial Regex Contracted();

    private const string Starts =
        "(?:also |please )*(?:who|whose|what|which|where|when|why|how|is|are|does|do|did|was|were|" +
        "has|have|can|could|would|tell|list|name|give|describe)\\b";

    [GeneratedRegex(
        @"(?<=[.?!;])\s+|(?<=:)\s+(?=" + Starts +
        @")|\n+|(?:,\s*|\s+)(?:and|but|plus)\s+(?=" + Starts + @")|,\s*(?=" + Starts + ")",
        RegexOptions.IgnoreCase)]
    private static partial Regex ClauseEnd();

    [GeneratedRegex(
        @"^(?:and )?(?:why(?: so| is that| do you think so)?|how (?:can|do|could) you (?:tell|know)|" +
        @"what makes you (?:think|say) (?:so|that)|explain(?: your answer)?|give (?:a )?reasons?|please|" +
        @"thanks?(?: you)?|thank you|(?:is|are|does|do|did|can|has|have) not (?:it|there|they|that|this|you|i|" +
        @"he|she)|right|correct|no|yes|or not)[.?! ]*$")]
    private static partial Regex FollowUp();

    [GeneratedRegex(@"\b(?:why|how come|what makes|what made|for what reason|what is the reason|explain how|explain why)\b")]
    private static partial Regex Reason();

    [GeneratedRegex(@"\b(?:if|whether) (?:there|it|this|that|the|you|i|any|they|a|an)\b")]
    private static partial Regex Whether();

    [GeneratedRegex(
        @"^(?:(?:and|so|hi|hello|hey|ok|okay|well|please)[, ]+)*(?:(?:can|could|would|will) (?:you|i|" +
        @"we) (?:please |kindly )?(?:tell|give|list|name|identify|show|say|describe|find|detect|estimate|" +
        @"determine|measure|provide|state|get|have|know|help|work out|figure out)(?: me| us)?|" +
        @"do you (?:happen to )?know|would you (?:mind|say)|do you think|i (?:would like|want|need) to know|" +
        @"i wonder|is it possible to (?:tell|say|know))\b")]
    private static partial Regex Politeness();

    [GeneratedRegex(
        @"^\s*(?:(?:that )?(?:is|are|was|were|does|do|did|has|have|can|could|would|will|should|may|might|" +
        @"am)\b|(?:there (?:is|are)|i (?:can )?hear|it (?:is|has|sounds|feels)|this (?:is|has|sounds|feels)|" +
        @"that)\b)")]
    private static partial Regex YesOrNo();

    [GeneratedRegex(
        @"\b(?:what|which|how|where|when|who|describe|tell|list|name|give|identify|explain|show|compare|" +
        @"transcribe|write|translate|ignore|pretend|imagine|suggest|recommend|guess|rate|say|repeat|print)\b")]
    private static partial Regex AsksForMoreThanOne();

    [GeneratedRegex(@"\b(?:no|not|without|lack|lacks|lacking|missing|absent|never|none|neither)\b")]
    private static partial Regex Negation();

    [GeneratedRegex(
        @"\b(?:who|whose|whom|artists?|composers?|composed|performers?|producers?|produced|wrote|(?:written|" +
        @"made) (?:by|for|when)|when was|writer|released?|year|decade|century|copyright|licen[cs]e|charts?|" +
        @"grammy|awards?|spotify|youtube|price|cost|album|title|studio|microphones?|recorded|engineer|" +
        @"mastered|(?:which|what) (?:band|group|orchestra|country|label|city|film|movie|game|date|album|" +
        @"version)|(?:in|from) (?:which|what) (?:country|city|film|movie|era)|how old|what colou?r|" +
        @"nationality|(?:in|out of) tune)\b")]
    private static partial Regex AboutItsMaking();

    [GeneratedRegex(
        @"\b(?:lyrics?|lyrical(?:ly)?|what (?:is|are) (?:it|this|the|they|he|she)(?: \w+){0,3}? about|" +
        @"sung about|sing(?:s|ing)? about|explicit|swear(?:ing|s)?|profanity|curse words?|words of (?:the|" +
        @"this) (?:song|chorus|verse)|what (?:does|do|is|are) (?:the singer|he|she|they) (?:say|sing|saying|" +
        @"singing)|(?:which|what) language|(?:is|are) (?:it|this|the \w+|this \w+) about|(?:sung|sing|sings|" +
        @"singing) in (?!it\b|this\b|that\b|the\b|there\b|here\b|a\b|any\b)\w+)\b")]
    private static partial Regex LyricsWords();

    [GeneratedRegex(
        @"\b(?:sing|sings|singing|sung|singers?|vocals?|vocalists?|voices?|rap|raps|rapping|rapper|humming|" +
        @"whistling|spoken|speech|speak|talks?|talking|acapella|a cappella|instrumental(?= *[?.!]|$)|soprano|" +
        @"baritone|tenor(?! sax)|alto(?! sax)|male|female|man|woman|boy|girl|backing vocals)\b")]
    private static partial Regex VoiceWords();

    [GeneratedRegex(
        @"\b(?:bpm|tempo|tempi|tempos|beats? (?:per|a|in a|each) minute|metronome|how (?:fast|slow|quick|" +
        @"quickly|slowly)|pace|speed|slow|slowly|slower|fast|faster|quick|quicker|brisk|mid-?tempo|up-?tempo|" +
        @"moderately paced|fast-paced|slow-paced|unhurried|rapid|allegro|andante|adagio|presto)\b")]
    private static partial Regex TempoWords();

    [GeneratedRegex(
        @"\b(?:(?:musical |home )?key(?! (?:instruments?|elements?|features?|parts?|moments?|words?|" +
        @"changes?))|keys?(?= (?:is|does|of|signature|centre|center))|tonality|tonal (?:centre|center)|tonic|" +
        @"camelot|open key|(?:major|minor)(?! (?:chords?|role|part|hit|label|third|sixth|seventh))|(?:what|" +
        @"which|in what|in which) (?:mode|scale))\b")]
    private static partial Regex KeyWords();

    [GeneratedRegex(
        @"(?:\b(?:metre|meter|(?<!key )signature(?! (?:sound|style|move))|count (?:it |this |" +
        @"along )?in (?:two|three|four)|beats (?:are )?(?:there )?(?:in|per|to) (?:each|every|a|the|" +
        @"one)? ?(?:bar|measure)|beats per (?:bar|measure)|beats does (?:a|each|one|every) (?:bar|measure)|" +
        @"waltz time|(?:duple|triple|quadruple|common|compound|simple|cut)[- ]time|(?:three|four|six|five|two|" +
        @"seven)[- ](?:four|eight)(?: time)?|how (?:do|would|should) (?:i|you|we) count)\b|" +
        @"(?<![\d/])\d{1,2}/(?:2|4|8|16)(?![\d/]))")]
    private static partial Regex MetreWords();

    [GeneratedRegex(
        @"\b(?:downbeats?|(?:where|when|at (?:what|which) times?) (?:are|do|does|is) (?:the|each|every|" +
        @"a) (?:beats?|bars?|measures?)|beat positions?|bar lines?)\b")]
    private static partial Regex BeatWords();

    [GeneratedRegex(
        @"\b(?:chords?|chord progression|progression|harmony|harmonies|harmonically|changes(?= (?:of|" +
        @"in) (?:the|this) (?:song|tune)))\b")]
    private static partial Regex ChordWords();

    [GeneratedRegex(@"\b(?:loud|louder|loudness|lufs|volume|quiet|how soft)\b")]
    private static partial Regex LoudnessWords();

    [GeneratedRegex(@"\b(?:dynamics?|dynamic range|loudness range|lra)\b")]
    private static partial Regex RangeWords();

    [GeneratedRegex(
        @"\b(?:how long|how short|duration|length|running time|run ?time|how many (?:minutes|seconds)|" +
        @"(?:longer|shorter|more|less) than (?:\d+|two|three|four|five|six|seven|eight|nine|ten|a|" +
        @"one) (?:minutes?|seconds?)|does (?:it|this|the \w+|this \w+) last)\b")]
    private static partial Regex DurationWords();

    [GeneratedRegex(@"\b(?:instruments?|instrumentation|orchestration|line-?up|what is playing|what plays|(?:which|what) players)\b")]
    private static partial Regex InstrumentWords();

    [GeneratedRegex(@"\b(?:genres?|styles?|stylistically|(?:kind|sort|type|category) of (?:music|song|piece|track|tune)|category|" +
        @"classif(?:y|ied)|categori[sz]ed?)\b")]
    private static partial Regex GenreWords();

    [GeneratedRegex(@"\b(?:moods?|feelings?|feel|feels|emotions?|emotional|emotionally|atmosphere|vibes?|sentiment)\b")]
    private static partial Regex MoodWords();

    /// <summary>What asks of a measured thing more than its value.</summary>
    [GeneratedRegex(
        @"\b(?:suits?|suitable|similar|sounds? like|same as|better|best|worse|favou?rite|chang(?:e|es|ed|ing)|" +
        @"modulat\w*|increas\w*|decreas\w*|speeds? up|slows? down|accelerat\w*|vary|varies|variation|constant|" +
        @"steady|stable|intro|introduction|verses?|chorus|bridge|outro|drop|solo|section|ending|beginning|" +
        @"middle|original|live|cover|remix|transpose\w*|good|bad|wrong|nice|too|beautiful|boring|popular|" +
        @"typical|usual|average person|most people|should it|prefer\w*|get(?:s|ting)? (?:faster|slower|louder|" +
        @"quieter)|complex\w*|interesting|jazzy enough|who|when)\b(?!(?:.*\b(?:bars?|beats?|measures?)\b))")]
    private static partial Regex AsksMore();

    /// <summary>What somebody wants the value for.</summary>
    [GeneratedRegex(
        @"\b(?:for (?:my|a|the|our|dj\w*|running|mixing|dancing|jogging|beatmatching|practice|practising|" +
        @"practicing)\b(?! (?:song|track|music|piece|recording|clip|tune|whole|entire|audio|file)).*|" +
        @"to (?:mix|beat-?match|sync|practi[cs]e|play along|sing along|jam|loop|edit|set|dial|improvise|solo|" +
        @"cover|learn|remix)\b.*|(?:if|when|so that|so|because) i (?:want|would|wish|need|play|mix|can)\b.*|" +
        @"(?:should|do|must|can) i (?:set|choose|play|dial|use|pick|select|run|tap)\b.*)")]
    private static partial Regex Purpose();

    [GeneratedRegex(
        @"^(?:please )?(?:where (?:could|would|might|can)|in (?:what|which) (?:setting|situation|context)|" +
        @"for what (?:could|would|might|can|purpose|occasion|use)|what (?:scene|occasion|setting|situation|" +
        @"use|kind of scene|sort of scene)|suggest an? (?:use|place|scene|setting|" +
        @"occasion))\b(?!.*\b(?:recorded|from)\b)")]
    private static partial Regex UseOfChoice();

    [GeneratedRegex(@"\b(?:how|in what way)s? (?:does|is|would) .*\b(?:differ(?:ent)? from|compare (?:with|to))\b")]
    private static partial Regex Differs();

    [GeneratedRegex(
        @"\b(?:describe|description|caption|summar\w+|overview|sum up|tell me about|tell us about|say about|" +
        @"what is (?:this|it|the music) like|what does (?:it|this|the \w+|this \w+) sound like|how does (?:it|" +
        @"this|the \w+|this \w+) sound|what do you hear|what can you hear|what can be heard|" +
        @"what am i (?:hearing|listening to)|what is (?:happening|going on))\b")]
    private static partial Regex DescriptionWords();
}
