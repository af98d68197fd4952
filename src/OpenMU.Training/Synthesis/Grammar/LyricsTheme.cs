namespace OpenMU.Training.Synthesis.Grammar;

/// <summary>What a lyric can be about, with lines to sing and ways to say what they mean.</summary>
/// <param name="Name">A theme of the vocabulary.</param>
/// <param name="Lines">Templates of lines.</param>
/// <param name="Chorus">Templates of lines that return.</param>
/// <param name="Meanings">What the singer does or feels, as a clause after "the singer".</param>
internal sealed record LyricsTheme(string Name, string[] Lines, string[] Chorus, string[] Meanings)
{
    public static IReadOnlyList<LyricsTheme> All { get; } =
    [
        new("love",
            ["{your hand in mine|your eyes on me|your voice so near} {beneath the moon|as the lamps go on|in the morning light}", "{I never knew|I never dreamed|who would have thought} {a smile could warm me so|a kiss could stop the clocks}", "{every song|each little word|*every letter} {you sing|you say} {is honey to me|makes my heart beat fast}", "{we dance|we sway|we sit} {close together|cheek to cheek} {in the kitchen|by the window|on the porch}", "{I would cross|I would swim} {the widest sea|a thousand rivers} {to hold you|to kiss you} {again|tonight}", "{the stars|the roses|the birds} {all know|whisper} your name"],
            ["{darling|my sweetheart|my dear}, {I am yours|stay with me|I adore you} {for ever|till the end|always}", "{hold me|kiss me|take me in your arms}, {my darling|sweetheart}, {and never let go|through the night}"],
            ["{adores|is devoted to} {another person|a sweetheart} and wants to stay close", "{praises|cherishes} a sweetheart and promises to be true", "is happy in a tender bond with someone dear"]),
        new("heartbreak",
            ["{you packed your bags|you closed the door|you took the ring off} {and never looked back|without a word}", "{my pillow|your letter|the photograph} is {wet|torn|stained} with {tears|bitter tears}", "{you said|you swore} you would {stay|be true}, {but you lied|but you left me}", "{now he|now she|another one} {holds you|wears your smile|calls you sweetheart}", "{I keep|I burn|I hide} {the ring|your letters|your old coat} {you left behind|and curse the day}", "{the pieces|the splinters} of {my heart|what we had} {lie on the floor|cut my hands}"],
            ["{you broke|you tore|you shattered} {my heart|my heart in two} {and walked away|and said goodbye}", "{goodbye|farewell}, {faithless one|my cruel darling}, {I cry|I bleed} {for what we were|over you}"],
            ["has been left by a partner and cannot get over it", "mourns the end of a romance and feels betrayed", "suffers because a partner walked away"]),
        new("home",
            ["{the old oak table|the creaking stairs|the kitchen stove} {where mother sang|still waits for me}", "{smoke|lamplight|laughter} {from the chimney|from the porch} {of my father's house|down our lane}", "{so many miles|a long, long road|a thousand towns} {from the village|from the valley} {where I was born|that raised me}", "{I smell|I taste} {the bread|the apple pie|the hay} {of the farm|of our kitchen}", "{take this train|turn this wagon|turn the ship} {back|around} {to the little house|to my own front door}", "{the dog|my brother|the garden gate} {knows my step|will greet me}"],
            ["{take me back|carry me|I am going} {to the place I belong|where my people are|to my mother's door}", "{oh, the hills|oh, the streets} {where I grew up|of my childhood} {call me back|are calling}"],
            ["longs for the house and village of childhood", "wants to return to the place where the family lives", "remembers the place of childhood and yearns to go back there"]),
        new("freedom",
            ["{no walls|no chains|no fences} {can hold me|around me} {any more|now}", "{I threw away|I lost|I burned} {the map|the keys|my tie and my watch} {and drove|and ran} {west|into the open}", "{the open road|the wide highway|the wind} {is my only master|knows no gates}", "{like an eagle|like a wild horse|like a kite cut loose} {I rise|I run} {over the plain|above it all}", "{I quit the job|I left the office|I broke the lock} {and never asked|and took no orders}", "{nobody|no boss|no king} {tells me|will say} {where to go|when to rise}"],
            ["{I run|I ride|I fly} {where I please|with no reins|as I choose}", "{unlock|open|break down} {the gates|every cage} {and let me run|and let me fly}"],
            ["throws off all ties and goes wherever the road leads", "escapes from rules and wants to live without chains", "enjoys leaving every constraint behind"]),
        new("friendship",
            ["{you lent me|you gave me} {your coat|your last coin|your shoulder} {when I had none|in the rain}", "{we stole apples|we built a raft|we skipped school} {together|side by side} {when we were ten|all summer}", "{if you fall|if you stumble|when trouble comes} {I will carry you|I will be there}", "{we three|you and I, old pal|the gang and I} {laugh|argue|joke} {till the tavern shuts|around the fire}", "{no need to knock|call me at midnight|pick up the phone}, {my door is open|I will come running}", "{we fight|we tease each other} {like brothers|like sisters}, {and then we laugh|and shake hands}"],
            ["{old pal|my mate|brother}, {I stand by you|count on me|we stick together}", "{side by side|shoulder to shoulder|through thick and thin}, {you and I|the two of us}"],
            ["can rely on companions and stands by them", "celebrates a loyal companion of many years", "promises to help a mate through thick and thin"]),
        new("grief",
            ["{your chair|your place at the table|your side of the bed} {is empty|stays empty} {since the funeral|since you died}", "{we laid you|they lowered you} {in the cold ground|beneath the willow} {last winter|in the rain}", "{I bring|I leave} {white lilies|fresh flowers} {to your grave|to the stone with your name}", "{the bell tolled|the church was silent|the candles burned} {when we buried you|at your wake}", "{I still set|I still lay} {your plate|your cup} {out of habit|as if you lived}", "{the doctor|the telegram} {said you were gone|told me you had died}"],
            ["{rest|sleep} {in peace|softly}, {my father|my sister|dear one}, {under the stone|until we meet again}", "{I weep|I pray} {at your grave|for your soul}, {you are gone|you will not return}"],
            ["mourns somebody who has died", "visits a grave and misses the dead", "cannot come to terms with the death of a dear person"]),
        new("hope",
            ["{after the storm|behind the clouds|past the long night} {the sun will rise|there is a light}", "{hold on|don't give up|keep going}, {tomorrow|morning} {will be kinder|is coming}", "{one candle|a single spark|a small green shoot} {is enough|breaks the dark|comes through the snow}", "{I believe|I know} {the tide will turn|better days will come}", "{we planted|I sow} {a seed|a tree} {in the ashes|in hard ground}, {and it will grow|wait and see}", "{dry your eyes|lift your head}: {the worst is over|the ice is melting}"],
            ["{better days|brighter days|a new dawn} {are on the way|will come|will find us}", "{look up|rise up}, {the dawn|the light} {is near|is breaking}"],
            ["trusts that better days will come", "looks forward to a brighter tomorrow after hard times", "encourages us not to give up"]),
        new("celebration",
            ["{raise your glasses|fill the cups|pop the corks} {to the bride|to the new year|to all of us}", "{turn up the music|strike up the band|clap your hands}, {the party|the feast} {has begun|goes on till dawn}", "{confetti|balloons|fireworks} {fill the air|over the square|over the rooftops}", "{everybody's here|the whole town came|the neighbours came}, {dressed to shine|in their dancing shoes}", "{cake|champagne|wine} {on every table|for everyone}, {let us toast|cheers}", "{we dance|we shout|we jump} {on the tables|in the street} {all night|till the sun comes up}"],
            ["{hip hip hooray|cheers|hooray}, {tonight we party|let the good times roll}", "{dance|sing|shout}, everybody, {it's a holiday|it's our big night}"],
            ["throws a party and invites everyone to dance", "toasts a happy occasion with the whole town", "wants everybody to join the festivities"]),
        new("nature",
            ["{the river|the brook|the waterfall} {winds|sings|tumbles} {through the pines|over the stones}", "{wild geese|swallows|a heron} {cross the marsh|over the lake} {at dusk|in autumn}", "{moss|fern|heather} {on the rock|beneath the firs} {drinks the rain|glows green}", "{the fox|the deer|the owl} {steps|watches} {out of the mist|in the snow}", "{the mountains|the cliffs|the meadows} {lie in blossom|stand in the evening sun}", "{waves|tides} {come and go|wash the shore}, {and gulls|and seals} {cry out|answer}"],
            ["{green forest|wide ocean|high mountain}, {I listen to you|you were here before us}", "{leaf|stone|petal} and {wind|rain|wing}, {all of it lives|all of it sings}"],
            ["describes forests, rivers and animals with wonder", "watches the seasons and the creatures of the woods", "admires the landscape and its animals"]),
        new("passing time",
            ["{the calendar|the clock|the hourglass} {never waits|runs and runs}", "{my children|the little ones} {have grown tall|moved out|have grey hair themselves}", "{yesterday|only yesterday} {I was seventeen|I was a boy|I was a girl}, {now I am old|now my hair is grey}", "{wrinkles|silver threads} {in the mirror|around my eyes} {count the years|tell my age}", "{summers|birthdays|decades} {fly by|slip by} {like trains|like water through fingers}", "{the old school photographs|faded pictures} {show|remember} {faces|a youth} {I hardly know|long past}"],
            ["{years|the years}, {where have you gone|how fast you go|slow down}", "{tick tock|year by year}, {we are young but once|the sand runs down}"],
            ["looks back and notices how fast the years have gone", "reflects on ageing and on youth that is over", "sees that the years slip by and nobody stays young"]),
        new("loneliness",
            ["{nobody|no one} {calls|knocks|writes} {on Sunday|any more}", "{a table for one|one cup|one light} {in the corner|in the window} {again tonight|every evening}", "{I talk|I sing} {to the walls|to the radio|to my shadow}, {it never answers|and only the echo replies}", "{in a crowded city|in a street full of people} {not a soul|no one} {knows my name|sees me}", "{the telephone|the doorbell} {stays silent|never rings}", "{I count|I watch} {the cars|strangers} {through the blinds|from my room}, {nobody stops|all with someone, all but me}"],
            ["{all by myself|on my own}, {night after night|with no one here}", "{is there anybody|won't somebody} {out there|come by} {for me|tonight}"],
            ["has nobody to talk to and longs for company", "feels cut off from everyone else", "sits in an empty room and is not noticed by anyone"]),
        new("justice",
            ["{we march|we stand} {with banners|arm in arm} {down the avenue|before the palace}", "{the rich|the bankers|the generals} {eat|feast} {while children starve|while we work for crumbs}", "{they jailed|they silenced} {the poet|the teacher|our brothers}, {but we sing|but we speak out}", "{same work|the same sweat}, {half the pay|half the bread}: {we strike|enough of that}", "{no more war|no more lies|no more masters}, {we say|the people say}", "{tell the judge|tell the mayor|tell the king} {the law|the scales} {must serve us all|must weigh us all the same}"],
            ["{we shall not|we will not} {be moved|be quiet|bow}, {not one of us|till all are equal}", "{stand up|speak up|march on}, {people|workers}, {for our rights|for the poor}"],
            ["speaks out against inequality and calls people to act", "demands equal rights for the poor", "accuses the powerful and stands up for those who are treated unfairly"]),
    ];
}
