using OpenMU.Model.Kernels;
using TorchSharp;

namespace OpenMU.Model.Tests;

public class TorchTests
{
    [Fact]
    public void A_tensor_operation_runs_on_this_machine()
    {
        using var scope = torch.NewDisposeScope();
        var product = Scalars.arange(6, torch.float32).view(2, 3).mm(torch.ones(3, 1));
        product.data<float>().ToArray().Should().Equal(3f, 12f);
    }
}
