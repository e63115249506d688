"""Two versions of one agent stand in one graph, and whoever consumes them names one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from agentic_assets.agents import Spec, check_consumers
from agentic_assets.agents.inventory import inventory, inventory_node
from agentic_assets.agents.node import Serving, proposal_node
from agentic_assets.agents.rules import RuleAgent, load_rules
from agentic_assets.contracts import Contract, load
from agentic_assets.decisions.node import decision_node
from agentic_assets.errors import ConfigInvalid
from agentic_assets.features import FeatureSet
from agentic_assets.home import Home
from agentic_assets.pipeline import STATIC, Batch, Calendar, Cut, Engine, Graph, Node
from agentic_assets.policy import load_ruleset
from agentic_assets_tests.unit.agents.rules.cases import rule, spec, table
from agentic_assets_tests.unit.policy.cases import write as write_policy
