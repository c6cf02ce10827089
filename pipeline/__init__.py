"""What is done with the parts: services, jobs, the clock and the queue.

The only package that commits.
"""
