"""Jobs of one step: they run in the process that starts them, so that what is shown on the way is seen."""

import dagster as dg

from agentic_assets.evidence import Domain

__all__ = ["job_of"]


def job_of(op: dg.OpDefinition, name: str, domain: Domain) -> dg.JobDefinition:
    """Give the job of one op, described as the op is, and found by the domain's tag."""

    @dg.job(
        name=name,
        description=op.description,
        executor_def=dg.in_process_executor,
        tags={"domain": domain.name},
    )
    def _job() -> None:
        op()

    return _job
