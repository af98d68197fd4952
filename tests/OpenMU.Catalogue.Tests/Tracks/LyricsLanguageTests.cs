using OpenMU.Catalogue.Tracks;

namespace OpenMU.Catalogue.Tests.Tracks;

public sealed class LyricsLanguageTests
{
    [Theory]
    [InlineData("I walk the empty street and no one knows my name\nThe rain comes down again and I have lost my way home", "en")]
    [InlineData("Ich gehe durch die leeren Straßen und niemand kennt mich hier\nDer Regen fällt, ich finde nicht mehr heim", "de")]
    [InlineData("Je marche dans la rue et personne ne connaît mon nom\nLa pluie revient et j'ai perdu le chemin de la maison", "fr")]
    [InlineData("Camino por la calle vacía y nadie sabe mi nombre\nVuelve la lluvia y he perdido el camino de mi casa", "es")]
    [InlineData("Cammino per la strada vuota e nessuno conosce il mio nome\nTorna la pioggia e ho perso la via di casa", "it")]
    [InlineData("Ando pela rua vazia e ninguém sabe o meu nome\nA chuva volta e eu perdi o caminho para a minha casa", "pt")]
    [InlineData("Jag går på tomma gator och ingen vet vad jag heter\nRegnet faller igen och jag hittar inte hem till mitt hus", "sv")]
    [InlineData("Idę pustą ulicą i nikt nie zna mojego imienia\nDeszcz znowu pada, a ja zgubiłem drogę do domu mego", "pl")]
    [InlineData("Я иду по пустой улице, и никто не знает моего имени\nСнова идёт дождь, и я потерял дорогу домой, мой друг", "ru")]
    [InlineData("私の名前は誰も知らない", "ja")]
    [InlineData("아무도 내 이름을 몰라", "ko")]
    public void The_language_of_a_few_lines_is_found(string text, string language) =>
        LyricsLanguage.Of(text).Should().Be(language);

    [Theory]
    [InlineData("na na na\nhey hey hey\nna na")]
    [InlineData("la la la la")]
    [InlineData("Kyrie eleison, Christe eleison")]
    [InlineData("123 !!! ...")]
    [InlineData("Camino por la calle vacía")]
    public void Syllables_and_a_few_words_have_no_language_that_is_plain(string text) =>
        LyricsLanguage.Of(text).Should().BeNull();

    [Fact]
    public void Its_languages_are_known_by_codes() => LyricsLanguage.Known.Should().HaveCount(30)
        .And.Contain(["en", "de", "ja"]).And.OnlyContain(code => code.Length == 2);
}
