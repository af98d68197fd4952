using System.Text;
using OpenMU.Model.Weights;
using OpenMU.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests.Weights;

public sealed class SafeTensorsTests : IDisposable
{
    private readonly string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public void Dispose() => File.Delete(path);

    [Fact]
    public void Tensors_are_read_with_their_types_and_shapes()
    {
        Write(
            """{"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[8,12]},"none":{"dtype":"I64","shape":[0,3],"data_offsets":[12,12]},"__metadata__":{"format":"pt"}}""",
            [0, 0, 128, 63, 0, 0, 0, 192, 0x80, 0x3F, 0x00, 0xC0]);
        using var scope = NewDisposeScope();
        using var file = SafeTensors.Open(path);
        file.Entries.Keys.Should().BeEquivalentTo("a", "b", "none");
        file.View("a").ShouldBeCloseTo(tensor(new[] { 1f, -2f }).view(2, 1), 0);
        file.View("b").dtype.Should().Be(bfloat16);
        file.Read("b").to(float32).ShouldBeCloseTo(tensor(new[] { 1f, -2f }), 0);
        file.View("none").shape.Should().Equal(0, 3);
    }

    [Fact]
    public void A_missing_tensor_is_named()
    {
        Write("{}", []);
        using var file = SafeTensors.Open(path);
        file.Invoking(f => f.View("blocks.0.norm1.weight"))
            .Should().Throw<KeyNotFoundException>().WithMessage("*blocks.0.norm1.weight*");
    }

    [Theory]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""",
        "*'a' and 'b' overlap*")]
    [InlineData("""{"a":{"dtype":"F32","shape":[9],"data_offsets":[0,36]}}""", "*'a' lies at*outside*")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}""", "*'a' lies at*outside*")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", "*'a' lies at*outside*")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", "*'a' of shape*")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]}}""", "*'a'*negative*")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[4611686018427387904,4611686018427387904],"data_offsets":[0,8]}}""",
        "*'a' of shape*")]
    [InlineData("""{"a":{"dtype":"Q4","shape":[2],"data_offsets":[0,8]}}""", "*'a'*unknown type*")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2]}}""", "*header*")]
    [InlineData("""{"a":7}""", "*header*")]
    [InlineData("""[1]""", "*header*")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""",
        "*'a' appears twice*")]
    public void A_hostile_header_is_one_clear_error(string header, string message)
    {
        Write(header, new byte[12]);
        FluentActions.Invoking(() => SafeTensors.Open(path))
            .Should().Throw<InvalidDataException>().WithMessage(message);
    }

    [Theory]
    [InlineData(10_000_000_000L)]
    [InlineData(-1L)]
    [InlineData(1000L)]
    public void A_header_longer_than_the_file_is_refused_before_anything_is_allocated(long length)
    {
        File.WriteAllBytes(path, [.. BitConverter.GetBytes(length), .. "{}"u8]);
        FluentActions.Invoking(() => SafeTensors.Open(path))
            .Should().Throw<InvalidDataException>().WithMessage("*header claims*");
    }

    [Fact]
    public void A_file_of_three_bytes_is_refused()
    {
        File.WriteAllBytes(path, [1, 2, 3]);
        FluentActions.Invoking(() => SafeTensors.Open(path))
            .Should().Throw<InvalidDataException>().WithMessage("*too few*");
    }

    private void Write(string header, byte[] data) => File.WriteAllBytes(
        path, [.. BitConverter.GetBytes((long)Encoding.UTF8.GetByteCount(header)),
            .. Encoding.UTF8.GetBytes(header), .. data]);
}
