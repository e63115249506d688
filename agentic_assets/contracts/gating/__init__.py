"""The gate: conform a frame, measure and judge its rows, word the findings, set aside what is refused."""
