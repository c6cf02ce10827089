"""What things are: tables, frozen values, enums of states, errors, repositories."""
