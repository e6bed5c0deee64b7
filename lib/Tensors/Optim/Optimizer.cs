namespace Aim.Tensors;

public static partial class torch
{
    public static partial class optim
    {
        /// <summary>Changes parameters by their gradients, group by group.</summary>
        public abstract class Optimizer : IDisposable
        {
            private readonly List<Modules.ParamGroup> _groups = [];

            /// <summary>Parameters with their settings; the learning rate of each may be set between steps.</summary>
            public IEnumerable<Modules.ParamGroup> ParamGroups => _groups;

            public IEnumerable<Modules.Parameter> parameters() => _groups.SelectMany(g => g.Parameters);

            /// <summary>Applies the gradients; parameters without one stay as they are.</summary>
            public abstract Tensor? step(Func<Tensor>? closure = null);

            /// <summary>Forgets all gradients.</summary>
            public void zero_grad()
            {
                foreach (var parameter in parameters())
                    parameter.grad = null;
            }

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected abstract void Dispose(bool disposing);

            private protected void AddGroup(Modules.ParamGroup group)
            {
                var known = new HashSet<Tensor>(parameters());
                foreach (var parameter in group.Parameters)
                {
                    if (!parameter.is_leaf)
                        throw new TensorException("can't optimize a non-leaf Tensor");
                    if (!known.Add(parameter))
                        throw new TensorException("some parameters appear in more than one parameter group");
                }

                _groups.Add(group);
            }

            private protected void CheckNotEmpty()
            {
                if (!parameters().Any())
                    throw new TensorException("optimizer got an empty parameter list");
            }

            /// <summary>The loss of a closure, evaluated with recording on.</summary>
            private protected static Tensor? Evaluate(Func<Tensor>? closure)
            {
                using var on = enable_grad();
                return closure?.Invoke();
            }
        }
    }
}
