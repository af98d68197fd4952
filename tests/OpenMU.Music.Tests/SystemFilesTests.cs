namespace OpenMU.Music.Tests;

public sealed class SystemFilesTests
{
    [Theory]
    [InlineData("home/.AppleDouble/a.wav", true)]
    [InlineData("home/__macosx/b/a.wav", true)]
    [InlineData("home/a/@eaDir", false)]
    [InlineData("home/my.AppleDouble/a.wav", false)]
    [InlineData("a.wav", false)]
    public void A_file_lies_in_a_systems_folder_by_the_folders_on_its_path(string path, bool isIn) =>
        SystemFiles.IsInFolder(path).Should().Be(isIn);

    [Theory]
    [InlineData("home/._a.wav", true)]
    [InlineData("._a", true)]
    [InlineData("home._/a._b.wav", false)]
    public void A_companion_is_named_by_the_beginning_of_its_file_name(string path, bool isNamed) =>
        SystemFiles.IsNamedLikeMacCompanion(path).Should().Be(isNamed);

    [Theory]
    [InlineData(new byte[] { 0, 5, 0x16, 7 }, true)]
    [InlineData(new byte[] { 0, 5, 0x16, 0, 9 }, true)]
    [InlineData(new byte[] { 0, 5, 0x16 }, false)]
    [InlineData(new byte[] { 0x49, 0x44, 0x33, 4 }, false)]
    public void A_companion_is_known_by_its_first_bytes(byte[] head, bool isCompanion) =>
        SystemFiles.IsMacCompanion(head).Should().Be(isCompanion);
}
